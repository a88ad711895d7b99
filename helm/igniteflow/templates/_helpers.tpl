{{/* Names and labels. Every template passes (dict "root" $ "component" NAME), where NAME is how the
     object's name ends. A name has at most 52 characters, which a CronJob may have, and no dot, which a
     Service may not have. Where that changes the release's part, a hash of the whole keeps it unique. */}}
{{- define "igniteflow.name" -}}
{{- $name := printf "%s-%s" .root.Release.Name .component -}}
{{- if or (gt (len $name) 52) (contains "." $name) -}}
{{- $room := sub 42 (len .component) | max 1 | int -}}
{{- $release := .root.Release.Name | replace "." "-" | trunc $room | trimSuffix "-" -}}
{{- $name = printf "%s-%s-%s" $release (sha256sum $name | trunc 8) .component -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* A map as JSON, without the entries that a user has set to null. */}}
{{- define "igniteflow.given" -}}
{{- $given := dict -}}
{{- range $key, $value := . -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $given $key $value }}{{ end -}}
{{- end -}}
{{- toJson $given -}}
{{- end -}}

{{/* The resources of a container; values that are not set have no request or limit. */}}
{{- define "igniteflow.resources" -}}
{requests: {{ include "igniteflow.given" (. | default dict).requests }}, limits: {{ include "igniteflow.given" (. | default dict).limits }}}
{{- end -}}

{{/* The labels that select pods, including run and executor pods, which the chart does not create. */}}
{{- define "igniteflow.selector" -}}
igniteflow.io/release: {{ .root.Release.Name }}
igniteflow.io/component: {{ .component }}
{{- end -}}

{{- define "igniteflow.labels" -}}
{{ include "igniteflow.selector" . }}
app.kubernetes.io/name: igniteflow
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "igniteflow.metadata" -}}
name: {{ include "igniteflow.name" . }}
labels:
  {{- include "igniteflow.labels" . | nindent 2 }}
{{- end -}}

{{/* (dict "root" $ "image" .Values.x.image): by digest if one is set, otherwise by tag. */}}
{{- define "igniteflow.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "igniteflow.platformImage" -}}
image: {{ include "igniteflow.image" (dict "root" .root "image" .root.Values.image) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- end -}}

{{/* Pods are replaced when the settings or Dagster's configuration change. */}}
{{- define "igniteflow.checksums" -}}
checksum/settings: {{ include "igniteflow.settings" .root | sha256sum }}
checksum/dagster: {{ include "igniteflow.dagsterYaml" .root | sha256sum }}
{{- end -}}

{{/* The pod-level part of the Pod Security Standard "restricted". Service links are off because
     variables such as IGNITEFLOW_SERVING_PORT would be read as settings. */}}
{{- define "igniteflow.podDefaults" -}}
serviceAccountName: {{ include "igniteflow.name" . }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .root.Values.podSecurity.runAsUser }}
  runAsGroup: {{ .root.Values.podSecurity.runAsGroup }}
  fsGroup: {{ .root.Values.podSecurity.runAsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toJson . }}
{{- end }}
{{- with (.placement).nodeSelector | default .root.Values.nodeSelector }}
nodeSelector: {{ include "igniteflow.given" . }}
{{- end }}
{{- with (.placement).tolerations | default .root.Values.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* The container-level part. */}}
{{- define "igniteflow.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* Replicas of a component are spread over nodes and zones if possible. */}}
{{- define "igniteflow.spread" -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "igniteflow.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}
