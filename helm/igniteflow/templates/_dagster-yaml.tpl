{{/* dagster.yaml: Dagster's storage, and the pods of runs. */}}
{{- define "igniteflow.dagsterYaml" -}}
{{- $run := dict "root" . "component" "run" "token" true -}}
{{- $database := .Values.dagster.database -}}
telemetry: {enabled: false}
nux: {enabled: false}
storage:
  postgres:
    postgres_db:
      # SQLAlchemy's default driver differs from Dagster's.
      scheme: postgresql+psycopg2
      hostname: {{ $database.host }}
      port: {{ $database.port }}
      db_name: {{ $database.name }}
      username: {{ $database.user }}
      password: {env: DAGSTER_PG_PASSWORD}
      params:
        sslmode: {{ $database.sslMode }}
        # A connection to an unreachable server is closed after a minute instead of hours.
        connect_timeout: 10
        keepalives_idle: 30
        keepalives_interval: 10
        keepalives_count: 3
        tcp_user_timeout: 60000
        {{- if $database.caConfigMap }}
        sslrootcert: /etc/database-ca/ca.crt
        {{- end }}
concurrency:
  runs:
    max_concurrent_runs: {{ .Values.dagster.maxConcurrentRuns }}
run_monitoring:
  enabled: true
  start_timeout_seconds: {{ .Values.dagster.runStartTimeoutSeconds }}
  max_resume_run_attempts: 0
  max_runtime_seconds: {{ .Values.dagster.maxRunSeconds }}
run_retries:
  enabled: true
  max_retries: {{ .Values.dagster.maxRunRetries }}
  retry_on_asset_or_op_failure: false
retention:
  schedule: {purge_after_days: {{ .Values.dagster.tickRetentionDays }}}
  sensor: {purge_after_days: {{ .Values.dagster.tickRetentionDays }}}
  auto_materialize: {purge_after_days: {{ .Values.dagster.tickRetentionDays }}}
compute_logs:
  {{- if (.Values.dagster.computeLogs).bucket }}
  {{- with .Values.dagster.computeLogs }}
  module: dagster_aws.s3.compute_log_manager
  class: S3ComputeLogManager
  config:
    bucket: {{ .bucket }}
    prefix: {{ .prefix }}
    region: {{ .region }}
    local_dir: /tmp/compute-logs
    upload_interval: 30
  {{- end }}
  {{- else }}
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
  {{- end }}
run_launcher:
  module: dagster_k8s
  class: K8sRunLauncher
  config:
    load_incluster_config: true
    dagster_home: /dagster
    instance_config_map: {{ include "igniteflow.name" (dict "root" . "component" "dagster") }}
    postgres_password_secret: {{ .Values.secrets.dagsterDatabase }}
    job_namespace: {{ .Release.Namespace }}
    service_account_name: {{ include "igniteflow.name" $run }}
    job_image: {{ include "igniteflow.image" (dict "root" . "image" .Values.image) }}
    image_pull_policy: {{ .Values.image.pullPolicy }}
    fail_pod_on_run_failure: false
    run_k8s_config:
      job_spec_config:
        ttlSecondsAfterFinished: {{ .Values.dagster.runPodTtlSeconds }}
      pod_template_spec_metadata:
        labels:
          {{- include "igniteflow.selector" $run | nindent 10 }}
      pod_spec_config:
        {{- include "igniteflow.podDefaults" $run | nindent 8 }}
        volumes:
          {{- include "igniteflow.volumes.settings" $run | nindent 10 }}
          - {name: dagster-home, emptyDir: {}}
          {{- include "igniteflow.volumes.ca" $run | nindent 10 }}
          {{- include "igniteflow.volumes.shared" $run | nindent 10 }}
          - name: executor-template
            configMap: {name: {{ include "igniteflow.name" (dict "root" . "component" "executor") }}}
      container_config:
        {{- include "igniteflow.containerSecurity" $run | nindent 8 }}
        resources: {{- include "igniteflow.spark.driverResources" . | nindent 10 }}
        env:
          {{- include "igniteflow.env.settings" $run | nindent 10 }}
          {{- include "igniteflow.env.stores" $run | nindent 10 }}
          {{- include "igniteflow.env.credentials" $run | nindent 10 }}
          {{- include "igniteflow.env.spark" . | nindent 10 }}
        volumeMounts:
          {{- include "igniteflow.mounts.settings" $run | nindent 10 }}
          - {name: dagster-home, mountPath: /dagster}
          {{- include "igniteflow.mounts.ca" $run | nindent 10 }}
          - {name: shared, mountPath: /shared}
          - {name: executor-template, mountPath: /etc/spark, readOnly: true}
{{- end -}}

{{- define "igniteflow.workspaceYaml" -}}
load_from:
  - grpc_server:
      host: {{ include "igniteflow.name" (dict "root" . "component" "code-location") }}
      port: 4000
      location_name: igniteflow
{{- end -}}
