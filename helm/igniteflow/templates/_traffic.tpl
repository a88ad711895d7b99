{{/* All allowed connections, for the network policies. Peers are components or a namespace;
     `outside` refers to groups of networkPolicy's values. */}}
{{- define "igniteflow.traffic" -}}
webserver:
  from: [{components: [auth-proxy], ports: [3000]}]
  to: [{components: [code-location], ports: [4000]}]
  outside: [database, kubernetesApi, https]
webserver-readonly:
  from: [{components: [auth-proxy], ports: [3000]}]
  to: [{components: [code-location], ports: [4000]}]
  outside: [database, https]
daemon:
  to: [{components: [code-location], ports: [4000]}]
  outside: [database, kubernetesApi, https]
code-location:
  from: [{components: [webserver, webserver-readonly, daemon], ports: [4000]}]
  to:
    - {components: [mlflow], ports: [5000]}
    {{- if (.Values.monitoring.alertmanager).url }}
    - {namespace: {{ .Values.monitoring.namespace }}, ports: [9093]}
    {{- end }}
  outside: [database, kafka, https]
run:
  from: [{components: [spark-executor], ports: [7078, 7079]}]
  to:
    - {components: [mlflow], ports: [5000]}
    - {components: [spark-executor], ports: [7079]}
  outside: [database, redis, kafka, kubernetesApi, https]
spark-executor:
  from: [{components: [run, spark-executor], ports: [7079]}]
  to:
    - {components: [run], ports: [7078, 7079]}
    - {components: [spark-executor], ports: [7079]}
  outside: [redis, kafka, https]
serving:
  from:
    {{- if (.Values.istio).enabled }}
    - {namespace: {{ splitList "/" .Values.istio.gateway | first }}, ports: [{{ .Values.serving.port }}]}
    {{- else }}
    - {namespace: {{ .Values.ingress.namespace }}, ports: [{{ .Values.serving.port }}]}
    {{- end }}
    - {namespace: {{ .Values.monitoring.namespace }}, ports: [{{ .Values.serving.port }}]}
  {{- with .Values.monitoring.otlpEndpoint }}
  to: [{namespace: {{ $.Values.monitoring.namespace }}, ports: [4318]}]
  {{- end }}
  outside: [redis]
exporter:
  from: [{namespace: {{ .Values.monitoring.namespace }}, ports: [9464]}]
  outside: [database]
stream:
  from: [{namespace: {{ .Values.monitoring.namespace }}, ports: [9464]}]
  to: [{components: [mlflow], ports: [5000]}]
  outside: [redis, kafka, https]
mlflow:
  from: [{components: [auth-proxy, run, stream, code-location], ports: [5000]}]
  outside: [database, https]
auth-proxy:
  from: [{namespace: {{ .Values.ingress.namespace }}, ports: [4180]}]
  to:
    - {components: [webserver, webserver-readonly], ports: [3000]}
    - {components: [mlflow], ports: [5000]}
  outside: [https]
maintenance:
  outside: [database]
{{- end -}}

{{- define "igniteflow.peers" -}}
{{- if .rule.namespace -}}
[{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ .rule.namespace }}}}}]
{{- else -}}
[{podSelector: {matchLabels: {igniteflow.io/release: {{ .root.Release.Name }}}, matchExpressions: [{key: igniteflow.io/component, operator: In, values: {{ toJson .rule.components }}}]}}]
{{- end -}}
{{- end -}}

{{- define "igniteflow.ports" -}}
[{{ range $index, $port := . }}{{ if $index }}, {{ end }}{protocol: TCP, port: {{ $port }}}{{ end }}]
{{- end -}}
