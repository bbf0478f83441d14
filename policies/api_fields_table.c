/* Written by scripts/api_fields.py from upstream's CRDs; do not edit. */
#include "policies/api_fields.h"

/* clang-format off */
#define LEAF(name) { name, NULL }
#define DEEP(name, table) { name, &(table) }
#define OBJECT(table, ...) \
	static const struct api_field table##_fields[] = { __VA_ARGS__ }; \
	static const struct api_object table = { table##_fields, \
						 ARRAY_LEN(table##_fields) }
#define NOTHING(table) static const struct api_object table = { NULL, 0 }

OBJECT(ownerReferences_1, LEAF("apiVersion"), LEAF("blockOwnerDeletion"),
  LEAF("controller"), LEAF("kind"), LEAF("name"), LEAF("uid"));
OBJECT(metadata_1, LEAF("annotations"), LEAF("creationTimestamp"),
  LEAF("deletionGracePeriodSeconds"), LEAF("deletionTimestamp"),
  LEAF("finalizers"), LEAF("generateName"), LEAF("generation"), LEAF("labels"),
  LEAF("managedFields"), LEAF("name"), LEAF("namespace"),
  DEEP("ownerReferences", ownerReferences_1), LEAF("resourceVersion"),
  LEAF("selfLink"), LEAF("uid"));
OBJECT(metadata_2, LEAF("annotations"), LEAF("labels"));
OBJECT(matchExpressions_1, LEAF("key"), LEAF("operator"), LEAF("values"));
OBJECT(preference_1, DEEP("matchExpressions", matchExpressions_1),
  DEEP("matchFields", matchExpressions_1));
OBJECT(preferredDuringSchedulingIgnoredDuringExecution_1,
  DEEP("preference", preference_1), LEAF("weight"));
OBJECT(requiredDuringSchedulingIgnoredDuringExecution_1,
  DEEP("nodeSelectorTerms", preference_1));
OBJECT(nodeAffinity_1,
  DEEP("preferredDuringSchedulingIgnoredDuringExecution", preferredDuringSchedulingIgnoredDuringExecution_1),
  DEEP("requiredDuringSchedulingIgnoredDuringExecution", requiredDuringSchedulingIgnoredDuringExecution_1));
OBJECT(labelSelector_1, DEEP("matchExpressions", matchExpressions_1),
  LEAF("matchLabels"));
OBJECT(podAffinityTerm_1, DEEP("labelSelector", labelSelector_1),
  LEAF("matchLabelKeys"), LEAF("mismatchLabelKeys"),
  DEEP("namespaceSelector", labelSelector_1), LEAF("namespaces"),
  LEAF("topologyKey"));
OBJECT(preferredDuringSchedulingIgnoredDuringExecution_2,
  DEEP("podAffinityTerm", podAffinityTerm_1), LEAF("weight"));
OBJECT(podAffinity_1,
  DEEP("preferredDuringSchedulingIgnoredDuringExecution", preferredDuringSchedulingIgnoredDuringExecution_2),
  DEEP("requiredDuringSchedulingIgnoredDuringExecution", podAffinityTerm_1));
OBJECT(affinity_1, DEEP("nodeAffinity", nodeAffinity_1),
  DEEP("podAffinity", podAffinity_1), DEEP("podAntiAffinity", podAffinity_1));
OBJECT(configMapKeyRef_1, LEAF("key"), LEAF("name"), LEAF("optional"));
OBJECT(fieldRef_1, LEAF("apiVersion"), LEAF("fieldPath"));
OBJECT(fileKeyRef_1, LEAF("key"), LEAF("optional"), LEAF("path"),
  LEAF("volumeName"));
OBJECT(resourceFieldRef_1, LEAF("containerName"), LEAF("divisor"),
  LEAF("resource"));
OBJECT(valueFrom_1, DEEP("configMapKeyRef", configMapKeyRef_1),
  DEEP("fieldRef", fieldRef_1), DEEP("fileKeyRef", fileKeyRef_1),
  DEEP("resourceFieldRef", resourceFieldRef_1),
  DEEP("secretKeyRef", configMapKeyRef_1));
OBJECT(env_1, LEAF("name"), LEAF("value"), DEEP("valueFrom", valueFrom_1));
OBJECT(configMapRef_1, LEAF("name"), LEAF("optional"));
OBJECT(envFrom_1, DEEP("configMapRef", configMapRef_1), LEAF("prefix"),
  DEEP("secretRef", configMapRef_1));
OBJECT(exec_1, LEAF("command"));
OBJECT(httpHeaders_1, LEAF("name"), LEAF("value"));
OBJECT(httpGet_1, LEAF("host"), DEEP("httpHeaders", httpHeaders_1),
  LEAF("path"), LEAF("port"), LEAF("scheme"));
OBJECT(sleep_1, LEAF("seconds"));
OBJECT(tcpSocket_1, LEAF("host"), LEAF("port"));
OBJECT(postStart_1, DEEP("exec", exec_1), DEEP("httpGet", httpGet_1),
  DEEP("sleep", sleep_1), DEEP("tcpSocket", tcpSocket_1));
OBJECT(lifecycle_1, DEEP("postStart", postStart_1),
  DEEP("preStop", postStart_1), LEAF("stopSignal"));
OBJECT(grpc_1, LEAF("port"), LEAF("service"));
OBJECT(livenessProbe_1, DEEP("exec", exec_1), LEAF("failureThreshold"),
  DEEP("grpc", grpc_1), DEEP("httpGet", httpGet_1), LEAF("initialDelaySeconds"),
  LEAF("periodSeconds"), LEAF("successThreshold"),
  DEEP("tcpSocket", tcpSocket_1), LEAF("terminationGracePeriodSeconds"),
  LEAF("timeoutSeconds"));
OBJECT(ports_1, LEAF("containerPort"), LEAF("hostIP"), LEAF("hostPort"),
  LEAF("name"), LEAF("protocol"));
OBJECT(resizePolicy_1, LEAF("resourceName"), LEAF("restartPolicy"));
OBJECT(claims_1, LEAF("name"), LEAF("request"));
OBJECT(resources_1, DEEP("claims", claims_1), LEAF("limits"), LEAF("requests"));
OBJECT(exitCodes_1, LEAF("operator"), LEAF("values"));
OBJECT(restartPolicyRules_1, LEAF("action"), DEEP("exitCodes", exitCodes_1));
OBJECT(appArmorProfile_1, LEAF("localhostProfile"), LEAF("type"));
OBJECT(capabilities_1, LEAF("add"), LEAF("drop"));
OBJECT(seLinuxOptions_1, LEAF("level"), LEAF("role"), LEAF("type"),
  LEAF("user"));
OBJECT(windowsOptions_1, LEAF("gmsaCredentialSpec"),
  LEAF("gmsaCredentialSpecName"), LEAF("hostProcess"), LEAF("runAsUserName"));
OBJECT(securityContext_1, LEAF("allowPrivilegeEscalation"),
  DEEP("appArmorProfile", appArmorProfile_1),
  DEEP("capabilities", capabilities_1), LEAF("privileged"), LEAF("procMount"),
  LEAF("readOnlyRootFilesystem"), LEAF("runAsGroup"), LEAF("runAsNonRoot"),
  LEAF("runAsUser"), DEEP("seLinuxOptions", seLinuxOptions_1),
  DEEP("seccompProfile", appArmorProfile_1),
  DEEP("windowsOptions", windowsOptions_1));
OBJECT(volumeDevices_1, LEAF("devicePath"), LEAF("name"));
OBJECT(volumeMounts_1, LEAF("mountPath"), LEAF("mountPropagation"),
  LEAF("name"), LEAF("readOnly"), LEAF("recursiveReadOnly"), LEAF("subPath"),
  LEAF("subPathExpr"));
OBJECT(containers_1, LEAF("args"), LEAF("command"), DEEP("env", env_1),
  DEEP("envFrom", envFrom_1), LEAF("image"), LEAF("imagePullPolicy"),
  DEEP("lifecycle", lifecycle_1), DEEP("livenessProbe", livenessProbe_1),
  LEAF("name"), DEEP("ports", ports_1), DEEP("readinessProbe", livenessProbe_1),
  DEEP("resizePolicy", resizePolicy_1), DEEP("resources", resources_1),
  LEAF("restartPolicy"), DEEP("restartPolicyRules", restartPolicyRules_1),
  DEEP("securityContext", securityContext_1),
  DEEP("startupProbe", livenessProbe_1), LEAF("stdin"), LEAF("stdinOnce"),
  LEAF("terminationMessagePath"), LEAF("terminationMessagePolicy"), LEAF("tty"),
  DEEP("volumeDevices", volumeDevices_1), DEEP("volumeMounts", volumeMounts_1),
  LEAF("workingDir"));
OBJECT(dnsConfig_1, LEAF("nameservers"), DEEP("options", httpHeaders_1),
  LEAF("searches"));
OBJECT(ephemeralContainers_1, LEAF("args"), LEAF("command"), DEEP("env", env_1),
  DEEP("envFrom", envFrom_1), LEAF("image"), LEAF("imagePullPolicy"),
  DEEP("lifecycle", lifecycle_1), DEEP("livenessProbe", livenessProbe_1),
  LEAF("name"), DEEP("ports", ports_1), DEEP("readinessProbe", livenessProbe_1),
  DEEP("resizePolicy", resizePolicy_1), DEEP("resources", resources_1),
  LEAF("restartPolicy"), DEEP("restartPolicyRules", restartPolicyRules_1),
  DEEP("securityContext", securityContext_1),
  DEEP("startupProbe", livenessProbe_1), LEAF("stdin"), LEAF("stdinOnce"),
  LEAF("targetContainerName"), LEAF("terminationMessagePath"),
  LEAF("terminationMessagePolicy"), LEAF("tty"),
  DEEP("volumeDevices", volumeDevices_1), DEEP("volumeMounts", volumeMounts_1),
  LEAF("workingDir"));
OBJECT(hostAliases_1, LEAF("hostnames"), LEAF("ip"));
OBJECT(imagePullSecrets_1, LEAF("name"));
OBJECT(readinessGates_1, LEAF("conditionType"));
OBJECT(resourceClaims_1, LEAF("name"), LEAF("resourceClaimName"),
  LEAF("resourceClaimTemplateName"));
OBJECT(schedulingGroup_1, LEAF("podGroupName"));
OBJECT(securityContext_2, DEEP("appArmorProfile", appArmorProfile_1),
  LEAF("fsGroup"), LEAF("fsGroupChangePolicy"), LEAF("runAsGroup"),
  LEAF("runAsNonRoot"), LEAF("runAsUser"), LEAF("seLinuxChangePolicy"),
  DEEP("seLinuxOptions", seLinuxOptions_1),
  DEEP("seccompProfile", appArmorProfile_1), LEAF("supplementalGroups"),
  LEAF("supplementalGroupsPolicy"), DEEP("sysctls", httpHeaders_1),
  DEEP("windowsOptions", windowsOptions_1));
OBJECT(tolerations_1, LEAF("effect"), LEAF("key"), LEAF("operator"),
  LEAF("tolerationSeconds"), LEAF("value"));
OBJECT(topologySpreadConstraints_1, DEEP("labelSelector", labelSelector_1),
  LEAF("matchLabelKeys"), LEAF("maxSkew"), LEAF("minDomains"),
  LEAF("nodeAffinityPolicy"), LEAF("nodeTaintsPolicy"), LEAF("topologyKey"),
  LEAF("whenUnsatisfiable"));
OBJECT(awsElasticBlockStore_1, LEAF("fsType"), LEAF("partition"),
  LEAF("readOnly"), LEAF("volumeID"));
OBJECT(azureDisk_1, LEAF("cachingMode"), LEAF("diskName"), LEAF("diskURI"),
  LEAF("fsType"), LEAF("kind"), LEAF("readOnly"));
OBJECT(azureFile_1, LEAF("readOnly"), LEAF("secretName"), LEAF("shareName"));
OBJECT(cephfs_1, LEAF("monitors"), LEAF("path"), LEAF("readOnly"),
  LEAF("secretFile"), DEEP("secretRef", imagePullSecrets_1), LEAF("user"));
OBJECT(cinder_1, LEAF("fsType"), LEAF("readOnly"),
  DEEP("secretRef", imagePullSecrets_1), LEAF("volumeID"));
OBJECT(items_1, LEAF("key"), LEAF("mode"), LEAF("path"));
OBJECT(configMap_1, LEAF("defaultMode"), DEEP("items", items_1), LEAF("name"),
  LEAF("optional"));
OBJECT(csi_1, LEAF("driver"), LEAF("fsType"),
  DEEP("nodePublishSecretRef", imagePullSecrets_1), LEAF("readOnly"),
  LEAF("volumeAttributes"));
OBJECT(items_2, DEEP("fieldRef", fieldRef_1), LEAF("mode"), LEAF("path"),
  DEEP("resourceFieldRef", resourceFieldRef_1));
OBJECT(downwardAPI_1, LEAF("defaultMode"), DEEP("items", items_2));
OBJECT(emptyDir_1, LEAF("medium"), LEAF("sizeLimit"));
NOTHING(metadata_3);
OBJECT(dataSource_1, LEAF("apiGroup"), LEAF("kind"), LEAF("name"));
OBJECT(dataSourceRef_1, LEAF("apiGroup"), LEAF("kind"), LEAF("name"),
  LEAF("namespace"));
OBJECT(resources_2, LEAF("limits"), LEAF("requests"));
OBJECT(spec_1, LEAF("accessModes"), DEEP("dataSource", dataSource_1),
  DEEP("dataSourceRef", dataSourceRef_1), DEEP("resources", resources_2),
  DEEP("selector", labelSelector_1), LEAF("storageClassName"),
  LEAF("volumeAttributesClassName"), LEAF("volumeMode"), LEAF("volumeName"));
OBJECT(volumeClaimTemplate_1, DEEP("metadata", metadata_3),
  DEEP("spec", spec_1));
OBJECT(ephemeral_1, DEEP("volumeClaimTemplate", volumeClaimTemplate_1));
OBJECT(fc_1, LEAF("fsType"), LEAF("lun"), LEAF("readOnly"), LEAF("targetWWNs"),
  LEAF("wwids"));
OBJECT(flexVolume_1, LEAF("driver"), LEAF("fsType"), LEAF("options"),
  LEAF("readOnly"), DEEP("secretRef", imagePullSecrets_1));
OBJECT(flocker_1, LEAF("datasetName"), LEAF("datasetUUID"));
OBJECT(gcePersistentDisk_1, LEAF("fsType"), LEAF("partition"), LEAF("pdName"),
  LEAF("readOnly"));
OBJECT(gitRepo_1, LEAF("directory"), LEAF("repository"), LEAF("revision"));
OBJECT(glusterfs_1, LEAF("endpoints"), LEAF("path"), LEAF("readOnly"));
OBJECT(hostPath_1, LEAF("path"), LEAF("type"));
OBJECT(image_1, LEAF("pullPolicy"), LEAF("reference"));
OBJECT(iscsi_1, LEAF("chapAuthDiscovery"), LEAF("chapAuthSession"),
  LEAF("fsType"), LEAF("initiatorName"), LEAF("iqn"), LEAF("iscsiInterface"),
  LEAF("lun"), LEAF("portals"), LEAF("readOnly"),
  DEEP("secretRef", imagePullSecrets_1), LEAF("targetPortal"));
OBJECT(nfs_1, LEAF("path"), LEAF("readOnly"), LEAF("server"));
OBJECT(persistentVolumeClaim_1, LEAF("claimName"), LEAF("readOnly"));
OBJECT(photonPersistentDisk_1, LEAF("fsType"), LEAF("pdID"));
OBJECT(portworxVolume_1, LEAF("fsType"), LEAF("readOnly"), LEAF("volumeID"));
OBJECT(clusterTrustBundle_1, DEEP("labelSelector", labelSelector_1),
  LEAF("name"), LEAF("optional"), LEAF("path"), LEAF("signerName"));
OBJECT(configMap_2, DEEP("items", items_1), LEAF("name"), LEAF("optional"));
OBJECT(downwardAPI_2, DEEP("items", items_2));
OBJECT(podCertificate_1, LEAF("certificateChainPath"),
  LEAF("credentialBundlePath"), LEAF("keyPath"), LEAF("keyType"),
  LEAF("maxExpirationSeconds"), LEAF("signerName"), LEAF("userAnnotations"));
OBJECT(serviceAccountToken_1, LEAF("audience"), LEAF("expirationSeconds"),
  LEAF("path"));
OBJECT(sources_1, DEEP("clusterTrustBundle", clusterTrustBundle_1),
  DEEP("configMap", configMap_2), DEEP("downwardAPI", downwardAPI_2),
  DEEP("podCertificate", podCertificate_1), DEEP("secret", configMap_2),
  DEEP("serviceAccountToken", serviceAccountToken_1));
OBJECT(projected_1, LEAF("defaultMode"), DEEP("sources", sources_1));
OBJECT(quobyte_1, LEAF("group"), LEAF("readOnly"), LEAF("registry"),
  LEAF("tenant"), LEAF("user"), LEAF("volume"));
OBJECT(rbd_1, LEAF("fsType"), LEAF("image"), LEAF("keyring"), LEAF("monitors"),
  LEAF("pool"), LEAF("readOnly"), DEEP("secretRef", imagePullSecrets_1),
  LEAF("user"));
OBJECT(scaleIO_1, LEAF("fsType"), LEAF("gateway"), LEAF("protectionDomain"),
  LEAF("readOnly"), DEEP("secretRef", imagePullSecrets_1), LEAF("sslEnabled"),
  LEAF("storageMode"), LEAF("storagePool"), LEAF("system"), LEAF("volumeName"));
OBJECT(secret_1, LEAF("defaultMode"), DEEP("items", items_1), LEAF("optional"),
  LEAF("secretName"));
OBJECT(storageos_1, LEAF("fsType"), LEAF("readOnly"),
  DEEP("secretRef", imagePullSecrets_1), LEAF("volumeName"),
  LEAF("volumeNamespace"));
OBJECT(vsphereVolume_1, LEAF("fsType"), LEAF("storagePolicyID"),
  LEAF("storagePolicyName"), LEAF("volumePath"));
OBJECT(volumes_1, DEEP("awsElasticBlockStore", awsElasticBlockStore_1),
  DEEP("azureDisk", azureDisk_1), DEEP("azureFile", azureFile_1),
  DEEP("cephfs", cephfs_1), DEEP("cinder", cinder_1),
  DEEP("configMap", configMap_1), DEEP("csi", csi_1),
  DEEP("downwardAPI", downwardAPI_1), DEEP("emptyDir", emptyDir_1),
  DEEP("ephemeral", ephemeral_1), DEEP("fc", fc_1),
  DEEP("flexVolume", flexVolume_1), DEEP("flocker", flocker_1),
  DEEP("gcePersistentDisk", gcePersistentDisk_1), DEEP("gitRepo", gitRepo_1),
  DEEP("glusterfs", glusterfs_1), DEEP("hostPath", hostPath_1),
  DEEP("image", image_1), DEEP("iscsi", iscsi_1), LEAF("name"),
  DEEP("nfs", nfs_1), DEEP("persistentVolumeClaim", persistentVolumeClaim_1),
  DEEP("photonPersistentDisk", photonPersistentDisk_1),
  DEEP("portworxVolume", portworxVolume_1), DEEP("projected", projected_1),
  DEEP("quobyte", quobyte_1), DEEP("rbd", rbd_1), DEEP("scaleIO", scaleIO_1),
  DEEP("secret", secret_1), DEEP("storageos", storageos_1),
  DEEP("vsphereVolume", vsphereVolume_1));
OBJECT(workloadRef_1, LEAF("name"), LEAF("podGroup"),
  LEAF("podGroupReplicaKey"));
OBJECT(spec_2, LEAF("activeDeadlineSeconds"), DEEP("affinity", affinity_1),
  LEAF("automountServiceAccountToken"), DEEP("containers", containers_1),
  DEEP("dnsConfig", dnsConfig_1), LEAF("dnsPolicy"), LEAF("enableServiceLinks"),
  DEEP("ephemeralContainers", ephemeralContainers_1),
  DEEP("hostAliases", hostAliases_1), LEAF("hostIPC"), LEAF("hostNetwork"),
  LEAF("hostPID"), LEAF("hostUsers"), LEAF("hostname"),
  LEAF("hostnameOverride"), DEEP("imagePullSecrets", imagePullSecrets_1),
  DEEP("initContainers", containers_1), LEAF("nodeName"), LEAF("nodeSelector"),
  DEEP("os", imagePullSecrets_1), LEAF("overhead"), LEAF("preemptionPolicy"),
  LEAF("priority"), LEAF("priorityClassName"),
  DEEP("readinessGates", readinessGates_1),
  DEEP("resourceClaims", resourceClaims_1), DEEP("resources", resources_1),
  LEAF("restartPolicy"), LEAF("runtimeClassName"), LEAF("schedulerName"),
  DEEP("schedulingGates", imagePullSecrets_1),
  DEEP("schedulingGroup", schedulingGroup_1),
  DEEP("securityContext", securityContext_2), LEAF("serviceAccount"),
  LEAF("serviceAccountName"), LEAF("setHostnameAsFQDN"),
  LEAF("shareProcessNamespace"), LEAF("subdomain"),
  LEAF("terminationGracePeriodSeconds"), DEEP("tolerations", tolerations_1),
  DEEP("topologySpreadConstraints", topologySpreadConstraints_1),
  DEEP("volumes", volumes_1), DEEP("workloadRef", workloadRef_1));
OBJECT(podTemplate_1, DEEP("metadata", metadata_2), DEEP("spec", spec_2));
OBJECT(metadata_4, LEAF("annotations"), LEAF("labels"), LEAF("name"));
OBJECT(volumeClaimTemplates_1, DEEP("metadata", metadata_4),
  DEEP("spec", spec_1));
OBJECT(spec_3, DEEP("podTemplate", podTemplate_1), LEAF("replicas"),
  LEAF("service"), LEAF("shutdownPolicy"), LEAF("shutdownTime"),
  DEEP("volumeClaimTemplates", volumeClaimTemplates_1));
OBJECT(Sandbox_1, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_3), LEAF("status"));
OBJECT(spec_4, LEAF("activeDeadlineSeconds"), DEEP("affinity", affinity_1),
  LEAF("automountServiceAccountToken"), DEEP("containers", containers_1),
  DEEP("dnsConfig", dnsConfig_1), LEAF("dnsPolicy"), LEAF("enableServiceLinks"),
  DEEP("ephemeralContainers", ephemeralContainers_1),
  DEEP("hostAliases", hostAliases_1), LEAF("hostIPC"), LEAF("hostNetwork"),
  LEAF("hostPID"), LEAF("hostUsers"), LEAF("hostname"),
  LEAF("hostnameOverride"), DEEP("imagePullSecrets", imagePullSecrets_1),
  DEEP("initContainers", containers_1), LEAF("nodeName"), LEAF("nodeSelector"),
  DEEP("os", imagePullSecrets_1), LEAF("overhead"), LEAF("preemptionPolicy"),
  LEAF("priority"), LEAF("priorityClassName"),
  DEEP("readinessGates", readinessGates_1),
  DEEP("resourceClaims", resourceClaims_1), DEEP("resources", resources_1),
  LEAF("restartPolicy"), LEAF("runtimeClassName"), LEAF("schedulerName"),
  DEEP("schedulingGates", imagePullSecrets_1),
  DEEP("schedulingGroup", schedulingGroup_1),
  DEEP("securityContext", securityContext_2), LEAF("serviceAccount"),
  LEAF("serviceAccountName"), LEAF("setHostnameAsFQDN"),
  LEAF("shareProcessNamespace"), LEAF("subdomain"),
  LEAF("terminationGracePeriodSeconds"), DEEP("tolerations", tolerations_1),
  DEEP("topologySpreadConstraints", topologySpreadConstraints_1),
  DEEP("volumes", volumes_1));
OBJECT(podTemplate_2, DEEP("metadata", metadata_2), DEEP("spec", spec_4));
OBJECT(spec_5, LEAF("operatingMode"), DEEP("podTemplate", podTemplate_2),
  LEAF("service"), LEAF("shutdownPolicy"), LEAF("shutdownTime"),
  DEEP("volumeClaimTemplates", volumeClaimTemplates_1));
OBJECT(Sandbox_2, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_5), LEAF("status"));
OBJECT(env_2, LEAF("containerName"), LEAF("name"), LEAF("value"));
OBJECT(lifecycle_2, LEAF("shutdownPolicy"), LEAF("shutdownTime"),
  LEAF("ttlSecondsAfterFinished"));
OBJECT(spec_6, DEEP("additionalPodMetadata", metadata_2), DEEP("env", env_2),
  DEEP("lifecycle", lifecycle_2),
  DEEP("sandboxTemplateRef", imagePullSecrets_1), LEAF("warmpool"));
OBJECT(SandboxClaim_1, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_6), LEAF("status"));
OBJECT(spec_7, DEEP("additionalPodMetadata", metadata_2), DEEP("env", env_2),
  DEEP("lifecycle", lifecycle_2),
  DEEP("volumeClaimTemplates", volumeClaimTemplates_1),
  DEEP("warmPoolRef", imagePullSecrets_1));
OBJECT(SandboxClaim_2, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_7), LEAF("status"));
OBJECT(ports_2, LEAF("endPort"), LEAF("port"), LEAF("protocol"));
OBJECT(ipBlock_1, LEAF("cidr"), LEAF("except"));
OBJECT(to_1, DEEP("ipBlock", ipBlock_1),
  DEEP("namespaceSelector", labelSelector_1),
  DEEP("podSelector", labelSelector_1));
OBJECT(egress_1, DEEP("ports", ports_2), DEEP("to", to_1));
OBJECT(ingress_1, DEEP("from", to_1), DEEP("ports", ports_2));
OBJECT(networkPolicy_1, DEEP("egress", egress_1), DEEP("ingress", ingress_1));
OBJECT(spec_8, LEAF("envVarsInjectionPolicy"),
  DEEP("networkPolicy", networkPolicy_1), LEAF("networkPolicyManagement"),
  DEEP("podTemplate", podTemplate_1), LEAF("service"),
  DEEP("volumeClaimTemplates", volumeClaimTemplates_1));
OBJECT(SandboxTemplate_1, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_8), LEAF("status"));
OBJECT(spec_9, LEAF("envVarsInjectionPolicy"),
  DEEP("networkPolicy", networkPolicy_1), LEAF("networkPolicyManagement"),
  DEEP("podTemplate", podTemplate_2), LEAF("service"),
  DEEP("volumeClaimTemplates", volumeClaimTemplates_1),
  LEAF("volumeClaimTemplatesPolicy"));
OBJECT(SandboxTemplate_2, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_9));
OBJECT(updateStrategy_1, LEAF("type"));
OBJECT(spec_10, LEAF("replicas"),
  DEEP("sandboxTemplateRef", imagePullSecrets_1),
  DEEP("updateStrategy", updateStrategy_1));
OBJECT(SandboxWarmPool_1, LEAF("apiVersion"), LEAF("kind"),
  DEEP("metadata", metadata_1), DEEP("spec", spec_10), LEAF("status"));

const struct api_kind api_kinds[] = {
  { "Sandbox", "v1alpha1", &Sandbox_1 },
  { "Sandbox", "v1beta1", &Sandbox_2 },
  { "SandboxClaim", "v1alpha1", &SandboxClaim_1 },
  { "SandboxClaim", "v1beta1", &SandboxClaim_2 },
  { "SandboxTemplate", "v1alpha1", &SandboxTemplate_1 },
  { "SandboxTemplate", "v1beta1", &SandboxTemplate_2 },
  { "SandboxWarmPool", "v1alpha1", &SandboxWarmPool_1 },
  { "SandboxWarmPool", "v1beta1", &SandboxWarmPool_1 },
  { NULL, NULL, NULL },
};
