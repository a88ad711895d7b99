{{/* Spark on Kubernetes: the driver is the run's pod, Spark itself starts the executors. */}}
{{- define "igniteflow.spark.config" -}}
{{- $executor := .Values.spark.executor -}}
{{- $config := dict
  "spark.driver.host" "$(POD_IP)"
  "spark.driver.port" "7078"
  "spark.driver.blockManager.port" "7079"
  "spark.blockManager.port" "7079"
  "spark.kubernetes.namespace" .Release.Namespace
  "spark.kubernetes.driver.pod.name" "$(POD_NAME)"
  "spark.kubernetes.container.image" (include "igniteflow.image" (dict "root" . "image" .Values.image))
  "spark.kubernetes.container.image.pullPolicy" .Values.image.pullPolicy
  "spark.kubernetes.authenticate.executor.serviceAccountName" (include "igniteflow.name" (dict "root" . "component" "spark-executor"))
  "spark.kubernetes.executor.podTemplateFile" "/etc/spark/executor.yaml"
  "spark.kubernetes.driver.service.deleteOnTermination" "false"
  "spark.kubernetes.driver.ownPersistentVolumeClaim" "false"
  "spark.kubernetes.driver.reusePersistentVolumeClaim" "false"
  "spark.executor.instances" ($executor.instances | toString)
  "spark.executor.cores" ($executor.cores | toString)
  "spark.executor.memory" $executor.memory
  "spark.executorEnv.IGNITEFLOW_ENV" .Values.environment
-}}
{{- if $executor.dynamicAllocation -}}
{{- $_ := mergeOverwrite $config (dict
  "spark.dynamicAllocation.enabled" "true"
  "spark.dynamicAllocation.shuffleTracking.enabled" "true"
  "spark.dynamicAllocation.initialExecutors" ($executor.instances | toString)
  "spark.dynamicAllocation.maxExecutors" ($executor.maxInstances | toString)) -}}
{{- end -}}
{{- mergeOverwrite $config (include "igniteflow.given" .Values.spark.config | fromJson) | toJson -}}
{{- end -}}

{{- define "igniteflow.env.spark" -}}
- {name: IGNITEFLOW_SPARK__DRIVER_MEMORY, value: {{ .Values.spark.driver.memory }}}
{{- if not .Values.spark.enabled }}
- {name: IGNITEFLOW_SPARK__MASTER, value: "local[*]"}
{{- with include "igniteflow.given" .Values.spark.config }}
- {name: IGNITEFLOW_SPARK__CONFIG, value: {{ squote . }}}
{{- end }}
{{- else }}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- {name: IGNITEFLOW_SPARK__MASTER, value: "k8s://https://kubernetes.default.svc:443"}
- name: IGNITEFLOW_SPARK__CONFIG
  value: {{ include "igniteflow.spark.config" . | squote }}
{{- end }}
{{- end -}}

{{/* Memory outside the driver's heap (Python, Arrow, direct memory) is added. */}}
{{- define "igniteflow.spark.driverResources" -}}
{{- $memory := regexReplaceAll "g$" .Values.spark.driver.memory "" | int -}}
{{- $overhead := regexReplaceAll "Gi$" .Values.spark.driver.memoryOverhead "" | int -}}
requests: {cpu: {{ .Values.spark.driver.cores | quote }}, memory: {{ add $memory $overhead }}Gi}
limits: {memory: {{ add $memory $overhead }}Gi}
{{- end -}}

{{- define "igniteflow.spark.executorTemplate" -}}
{{- $executor := dict "root" . "component" "spark-executor" "placement" .Values.spark.executorPlacement -}}
apiVersion: v1
kind: Pod
metadata:
  labels:
    {{- include "igniteflow.selector" $executor | nindent 4 }}
spec:
  {{- include "igniteflow.podDefaults" $executor | nindent 2 }}
  containers:
    - name: executor
      workingDir: /tmp
      {{- include "igniteflow.containerSecurity" $executor | nindent 6 }}
      env:
        - {name: HOME, value: /tmp}
        {{- include "igniteflow.env.credentials" $executor | nindent 8 }}
      volumeMounts:
        - {name: tmp, mountPath: /tmp}
  volumes:
    - {name: tmp, emptyDir: {}}
{{- end -}}
