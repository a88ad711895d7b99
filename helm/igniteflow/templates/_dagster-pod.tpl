{{/* Shared by all Dagster processes: webservers, daemon, code location, maintenance jobs. */}}
{{- define "igniteflow.dagsterContainer" -}}
{{ include "igniteflow.platformImage" . }}
{{ include "igniteflow.containerSecurity" . }}
env:
  {{- include "igniteflow.env.settings" . | nindent 2 }}
  {{- include "igniteflow.env.database" . | nindent 2 }}
  {{- include "igniteflow.env.credentials" . | nindent 2 }}
  {{- if eq .component "code-location" }}
  {{- include "igniteflow.env.stores" . | nindent 2 }}
  {{- end }}
volumeMounts:
  {{- include "igniteflow.mounts.settings" . | nindent 2 }}
  {{- include "igniteflow.mounts.dagster" . | nindent 2 }}
  {{- include "igniteflow.mounts.ca" . | nindent 2 }}
{{- end -}}

{{- define "igniteflow.dagsterVolumes" -}}
{{ include "igniteflow.volumes.settings" . }}
{{ include "igniteflow.volumes.dagster" . }}
{{- include "igniteflow.volumes.ca" . }}
{{- end -}}
