# The platform: Dagster, Spark with Java, MLflow. The context is the root of the repository.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS java
# Debian's security updates are wanted, so the packages have no fixed version.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends openjdk-17-jre-headless tini \
    && rm -rf /var/lib/apt/lists/*

FROM java AS build
ARG UV_VERSION=0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/igniteflow/venv \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /src
COPY pyproject.toml uv.lock ./
# XGBoost loads nccl, 0.5 GB, only where it trains on several GPUs.
RUN /opt/uv/bin/uv sync --locked --no-cache --no-install-project \
    --no-install-package nvidia-nccl-cu12 \
    --extra spark --extra serving --extra aws --extra k8s --extra pdf
COPY . .
RUN /opt/uv/bin/uv sync --locked --no-cache --no-editable --no-install-package nvidia-nccl-cu12 \
    --extra spark --extra serving --extra aws --extra k8s --extra pdf \
    && /opt/uv/bin/uv export --locked --quiet --format cyclonedx1.5 \
    --extra spark --extra serving --extra aws --extra k8s --extra pdf --output-file /opt/igniteflow/sbom.cdx.json \
    && /opt/igniteflow/venv/bin/python docker/sbom.py /opt/igniteflow/sbom.cdx.json
ENV IGNITEFLOW_SPARK__JARS_DIR=/opt/igniteflow/jars
# The jars that production names are there in every environment. Where an image is built, its own
# host name need not be known.
RUN IGNITEFLOW_ENV=prod SPARK_LOCAL_HOSTNAME=localhost /opt/igniteflow/venv/bin/igniteflow setup

FROM java
RUN groupadd --gid 10001 igniteflow \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin igniteflow
COPY --from=build /opt/igniteflow /opt/igniteflow
COPY --chmod=0755 docker/entrypoint.sh /opt/igniteflow/entrypoint.sh
COPY config /app/config
COPY workspace.yaml /app/
# MLflow's server, which is not IgniteFlow's program, would report its use to its makers.
ENV PATH=/opt/igniteflow/venv/bin:$PATH \
    IGNITEFLOW_SPARK__JARS_DIR=/opt/igniteflow/jars \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MLFLOW_DISABLE_TELEMETRY=true
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["tini", "--", "/opt/igniteflow/entrypoint.sh"]
CMD ["igniteflow", "--help"]
