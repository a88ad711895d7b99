{{/* Names and labels. Every template passes (dict "root" $ "component" NAME). */}}
{{- define "igniteflow.name" -}}
{{- printf "%s-%s" .root.Release.Name .component | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* The labels that select pods; those of run and executor pods too, which others create. */}}
{{- define "igniteflow.selector" -}}
igniteflow.io/release: {{ .root.Release.Name }}
igniteflow.io/component: {{ .component }}
{{- end -}}

{{- define "igniteflow.labels" -}}
{{ include "igniteflow.selector" . }}
app.kubernetes.io/name: igniteflow
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "igniteflow.metadata" -}}
name: {{ include "igniteflow.name" . }}
labels:
  {{- include "igniteflow.labels" . | nindent 2 }}
{{- end -}}

{{/* (dict "root" $ "image" .Values.x.image): by digest where there is one. */}}
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

{{/* A roll-out follows every change of the settings or of Dagster's configuration. */}}
{{- define "igniteflow.checksums" -}}
checksum/settings: {{ include "igniteflow.settings" .root | sha256sum }}
checksum/dagster: {{ include "igniteflow.dagsterYaml" .root | sha256sum }}
{{- end -}}

{{/* The pod's half of the Pod Security Standard "restricted". Service links are off because
     IGNITEFLOW_SERVING_PORT and the like would be read as settings. */}}
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
{{- $placement := .placement | default (pick .root.Values "nodeSelector" "tolerations") }}
{{- with $placement.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with $placement.tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- end -}}

{{/* The container's half. */}}
{{- define "igniteflow.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* Replicas of one component lie on different nodes and zones where that can be had. */}}
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
