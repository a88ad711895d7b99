# The API: no Java, no Spark, no Dagster. The context is the root of the repository.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG UV_VERSION=0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/igniteflow/venv \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv==${UV_VERSION}"
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN /opt/uv/bin/uv sync --locked --no-cache --only-group api
COPY . .
# The API does not import the project's other dependencies, such as Dagster.
RUN /opt/uv/bin/uv pip install --no-cache --no-deps --compile-bytecode \
    --python /opt/igniteflow/venv . \
    && /opt/uv/bin/uv export --locked --quiet --format cyclonedx1.5 --only-group api \
    --output-file /opt/igniteflow/sbom.cdx.json \
    && /opt/igniteflow/venv/bin/python docker/sbom.py /opt/igniteflow/sbom.cdx.json

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 igniteflow \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin igniteflow
COPY --from=build /opt/igniteflow /opt/igniteflow
COPY config /app/config
ENV PATH=/opt/igniteflow/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["python3", "-m", "igniteflow_serving"]
