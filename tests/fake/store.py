"""What the fake API server keeps: objects, their history, and how requests
change them. No sockets; one thread. Refusals are exceptions with a Status."""
import base64
import json
import re
import time
import uuid

import fields
from fields import copy

# group, version, plural, kind, namespaced, status subresource
TABLE = [
    ("", "v1", "namespaces", "Namespace", False, True),
    ("", "v1", "nodes", "Node", False, True),
    ("", "v1", "pods", "Pod", True, True),
    ("", "v1", "secrets", "Secret", True, False),
    ("", "v1", "configmaps", "ConfigMap", True, False),
    ("", "v1", "services", "Service", True, True),
    ("", "v1", "events", "Event", True, False),
    ("events.k8s.io", "v1", "events", "Event", True, False),
    ("apps", "v1", "daemonsets", "DaemonSet", True, True),
    ("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", False, False),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", True,
     False),
    ("coordination.k8s.io", "v1", "leases", "Lease", True, False),
    ("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations",
     "MutatingWebhookConfiguration", False, False),
    ("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations",
     "ValidatingWebhookConfiguration", False, False),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions",
     "CustomResourceDefinition", False, True),
    ("bulkhead.dev", "v1alpha1", "isolationtiers", "IsolationTier", False,
     True),
    ("bulkhead.dev", "v1alpha1", "isolationpolicies", "IsolationPolicy",
     False, True),
    ("bulkhead.dev", "v1alpha1", "isolationexceptions", "IsolationException",
     False, True),
    ("agents.x-k8s.io", "v1beta1", "sandboxes", "Sandbox", True, True),
    ("extensions.agents.x-k8s.io", "v1beta1", "sandboxtemplates",
     "SandboxTemplate", True, True),
    ("extensions.agents.x-k8s.io", "v1beta1", "sandboxwarmpools",
     "SandboxWarmPool", True, True),
    ("extensions.agents.x-k8s.io", "v1beta1", "sandboxclaims", "SandboxClaim",
     True, True),
    ("openreports.io", "v1alpha1", "reports", "Report", True, False),
    ("wgpolicyk8s.io", "v1alpha2", "policyreports", "PolicyReport", True,
     False),
]
# Their lists come without apiVersion and kind in the items.
CUSTOM = ("bulkhead.dev", "agents.x-k8s.io", "extensions.agents.x-k8s.io",
          "openreports.io", "wgpolicyk8s.io")
REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden",
           404: "NotFound", 405: "MethodNotAllowed", 409: "Conflict",
           410: "Expired", 415: "UnsupportedMediaType", 422: "Invalid",
           429: "TooManyRequests", 500: "InternalError",
           503: "ServiceUnavailable", 504: "Timeout"}


class Refusal(Exception):
    def __init__(self, code, message, reason=None, details=None):
        super().__init__(message)
        self.code = code
        self.status = {
            "kind": "Status", "apiVersion": "v1", "metadata": {},
            "status": "Failure", "message": message,
            "reason": reason or REASONS.get(code, "Unknown"), "code": code}
        if details:
            self.status["details"] = details


class Kind:
    def __init__(self, row):
        (self.group, self.version, self.plural, self.kind, self.namespaced,
         self.has_status) = row
        self.api_version = (self.group + "/" if self.group else "") + \
            self.version
        self.custom = self.group in CUSTOM
        self.objects = {}
        self.history = []  # (rv, type, doc, old, at)
        self.forgotten = 0  # versions before this one are gone
        self.lost = 0  # the last change that is
        self.keys = None  # sorted, or None
        self.wake = []  # called after each change
        self.served = True

    def details(self, name="", **more):
        out = {"kind": self.plural, **more}
        if name:
            out["name"] = name
        if self.group:
            out["group"] = self.group
        return out

    def called(self):
        return self.plural + ("." + self.group if self.group else "")


def now_text():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def matcher(selector):
    """Equality, sets and existence; None matches all."""
    if not selector:
        return None
    tests = []
    for part in re.findall(r"(?:[^,(]|\([^)]*\))+", selector):
        part = part.strip()
        m = re.fullmatch(r"(\S+)\s+(in|notin)\s+\(([^)]*)\)", part)
        if m:
            values = {v.strip() for v in m.group(3).split(",")}
            tests.append((m.group(1), m.group(2), values))
        elif "!=" in part:
            k, v = part.split("!=", 1)
            tests.append((k, "notin", {v}))
        elif "=" in part:
            k, v = part.replace("==", "=").split("=", 1)
            tests.append((k, "in", {v}))
        elif part.startswith("!"):
            tests.append((part[1:], "absent", None))
        else:
            tests.append((part, "exists", None))

    def match(doc):
        labels = (doc.get("metadata") or {}).get("labels")
        labels = labels if isinstance(labels, dict) else {}
        for key, how, values in tests:
            has = key in labels
            if not {"in": has and labels[key] in values if values else False,
                    "notin": not has or labels[key] not in (values or ()),
                    "exists": has, "absent": not has}[how]:
                return False
        return True
    return match


def pointer(path):
    if path and not path.startswith("/"):
        raise Refusal(400, f"bad JSON pointer {path!r}")
    return [p.replace("~1", "/").replace("~0", "~")
            for p in path.split("/")[1:]]


def _find(doc, steps):
    for step in steps:
        doc = doc[int(step)] if isinstance(doc, list) else doc[step]
    return doc


def json_patch(doc, operations):
    doc = copy(doc)
    for o in operations:
        steps = pointer(o["path"])
        try:
            if o["op"] == "test":
                if _find(doc, steps) != o.get("value"):
                    raise KeyError("test failed")
                continue
            parent, last = _find(doc, steps[:-1]), steps[-1]
            if o["op"] == "add" and isinstance(parent, list):
                parent.insert(len(parent) if last == "-" else int(last),
                              copy(o["value"]))
            elif o["op"] == "add":
                parent[last] = copy(o["value"])
            elif o["op"] == "remove":
                del parent[int(last) if isinstance(parent, list) else last]
            elif o["op"] == "replace":
                last = int(last) if isinstance(parent, list) else last
                parent[last]  # pylint: disable=pointless-statement
                parent[last] = copy(o["value"])
            else:
                raise Refusal(400, "unsupported operation " + o["op"])
        except (KeyError, IndexError, TypeError, ValueError):
            raise Refusal(422, "the server rejected our request due to an "
                          "error in our request", "Invalid") from None
    return doc


def merge_patch(doc, patch):
    if not isinstance(patch, dict):
        return copy(patch)
    out = dict(doc) if isinstance(doc, dict) else {}
    for k, v in patch.items():
        if v is None:
            out.pop(k, None)
        else:
            out[k] = merge_patch(out.get(k), v)
    return out


class Store:
    def __init__(self):
        self.kinds = [Kind(row) for row in TABLE]
        self.rv = 1000
        self.managers = {}  # (kind, key): Managers
        self.dependents = {}  # uid of the owner: {(kind, key)}
        self.pages = {}  # token: (kind, rv, docs)
        self.later = lambda f: f()  # runs f soon

    def find(self, group, version, plural):
        for k in self.kinds:
            if (k.group, k.version, k.plural) == (group, version, plural) \
                    and k.served:
                return k
        return None

    def kind_of(self, doc):
        for k in self.kinds:
            if (k.api_version, k.kind) == (doc["apiVersion"], doc["kind"]):
                return k
        raise Refusal(400, f"no kind {doc.get('kind')!r} in "
                      f"{doc.get('apiVersion')!r}")

    # ---- storing ----

    def commit(self, kind, key, doc):
        """Stores doc, or deletes with None. Returns what is stored now."""
        old = kind.objects.get(key)
        self.rv += 1
        if doc is None:
            what = "DELETED"
            doc = {**old, "metadata": {**old["metadata"],
                                       "resourceVersion": str(self.rv)}}
            del kind.objects[key]
            self.managers.pop((kind, key), None)
            kind.keys = None
        else:
            what = "MODIFIED" if old else "ADDED"
            doc["metadata"]["resourceVersion"] = str(self.rv)
            kind.objects[key] = doc
            if not old:
                kind.keys = None
        self._index(kind, key, old, None if what == "DELETED" else doc)
        kind.history.append((self.rv, what, doc, old, time.time()))
        for wake in kind.wake:
            wake()
        if what == "DELETED":
            uid = old["metadata"].get("uid")
            self.later(lambda: self._collect(uid))
            if kind.plural == "namespaces":
                self.later(lambda: self._empty(key[1]))
        return doc

    def _index(self, kind, key, old, new):
        def owners(doc):
            refs = ((doc or {}).get("metadata") or {}).get("ownerReferences")
            if not isinstance(refs, list):
                return set()
            return {r.get("uid") for r in refs if isinstance(r, dict) and
                    isinstance(r.get("uid"), str)}
        before, after = owners(old), owners(new)
        for uid in before - after:
            self.dependents.get(uid, set()).discard((kind, key))
        for uid in after - before:
            self.dependents.setdefault(uid, set()).add((kind, key))

    def _collect(self, uid):
        """The garbage collector: all whose last owner is gone."""
        for kind, key in list(self.dependents.pop(uid, ())):
            doc = kind.objects.get(key)
            if not doc:
                continue
            refs = [r for r in doc["metadata"]["ownerReferences"]
                    if r.get("uid") != uid]
            if not refs:
                self._end(kind, key)

    def _empty(self, ns):
        for kind in self.kinds:
            for key in [k for k in kind.objects if k[0] == ns]:
                self.commit(kind, key, None)

    def _end(self, kind, key):
        """Deletes, or marks what a finalizer holds."""
        doc = kind.objects[key]
        if not doc["metadata"].get("finalizers"):
            return self.commit(kind, key, None)
        if doc["metadata"].get("deletionTimestamp"):
            return doc
        doc = copy(doc)
        doc["metadata"]["deletionTimestamp"] = now_text()
        doc["metadata"]["deletionGracePeriodSeconds"] = 0
        return self.commit(kind, key, doc)

    def seed(self, doc):
        """As it stands, garbage included; what is missing is filled in."""
        kind = self.kind_of(doc)
        doc = copy(doc)
        meta = doc["metadata"]
        key = (meta.get("namespace", "") if kind.namespaced else "",
               meta["name"])
        old = kind.objects.get(key)
        meta.setdefault("uid", old["metadata"]["uid"] if old
                        else str(uuid.uuid4()))
        meta.setdefault("creationTimestamp",
                        old["metadata"]["creationTimestamp"] if old
                        else now_text())
        meta.setdefault("generation", 1)
        if meta.get("managedFields"):
            self.managers[(kind, key)] = fields.Managers.read(
                meta["managedFields"])
        return self.commit(kind, key, doc)

    def forget(self, kind):
        """Old versions are gone: watches from there get 410."""
        kind.forgotten = self.rv
        if kind.history:
            kind.lost = kind.history[-1][0]
        del kind.history[:]
        self.pages.clear()

    # ---- reading ----

    def get(self, kind, ns, name):
        doc = kind.objects.get((ns if kind.namespaced else "", name))
        if doc is None:
            raise Refusal(404, f'{kind.called()} "{name}" not found', None,
                          kind.details(name))
        return doc

    def list(self, kind, ns, match, limit, token):
        if token:
            page = self.pages.get(token)
            if not page:
                raise Refusal(410, "The provided continue parameter is too "
                              "old to display a consistent list result.",
                              "Expired")
            rv, docs = page
        else:
            if kind.keys is None:
                kind.keys = sorted(kind.objects)
            rv = self.rv
            docs = [kind.objects[k] for k in kind.keys
                    if not ns or k[0] == ns]
            if match:
                docs = [d for d in docs if match(d)]
        meta = {"resourceVersion": str(rv)}
        if limit and len(docs) > limit:
            meta["continue"] = base64.urlsafe_b64encode(
                f"{rv}:{uuid.uuid4()}".encode()).decode()
            meta["remainingItemCount"] = len(docs) - limit
            self.pages[meta["continue"]] = (rv, docs[limit:])
            docs = docs[:limit]
        return meta, docs

    # ---- writing ----

    def _conflict(self, kind, name, why):
        return Refusal(409, f'Operation cannot be fulfilled on '
                       f'{kind.called()} "{name}": {why}', None,
                       kind.details(name))

    def create(self, kind, ns, doc, manager, dry_run=False):
        doc = copy(doc)
        meta = doc.setdefault("metadata", {})
        name = meta.get("name")
        if not name and meta.get("generateName"):
            name = meta["name"] = meta["generateName"] + uuid.uuid4().hex[:5]
        if not name:
            raise Refusal(422, f"{kind.kind} \"\" is invalid: metadata.name: "
                          "Required value: name or generateName is required")
        if kind.namespaced:
            self._check_namespace(kind, ns, name)
            meta["namespace"] = ns
        else:
            ns = ""
        if meta.get("resourceVersion"):
            raise Refusal(400, "resourceVersion should not be set on objects "
                          "to be created")
        if (ns, name) in kind.objects:
            raise Refusal(409, f'{kind.called()} "{name}" already exists',
                          "AlreadyExists", kind.details(name))
        if kind.has_status:
            doc.pop("status", None)
        meta.update(uid=str(uuid.uuid4()), creationTimestamp=now_text(),
                    generation=1)
        doc["apiVersion"], doc["kind"] = kind.api_version, kind.kind
        if dry_run:
            return doc
        managers = fields.Managers()
        managers.updated((manager, "Update", ""), {}, doc, now_text(),
                         kind.api_version)
        meta["managedFields"] = managers.write()
        self.managers[(kind, (ns, name))] = managers
        return self.commit(kind, (ns, name), doc)

    def _check_namespace(self, kind, ns, name):
        spaces = self.find("", "v1", "namespaces")
        space = spaces.objects.get(("", ns))
        if not space:
            raise Refusal(404, f'namespaces "{ns}" not found', None,
                          spaces.details(ns))
        if space["metadata"].get("deletionTimestamp"):
            raise Refusal(403, f'{kind.called()} "{name}" is forbidden: '
                          f"unable to create new content in namespace {ns} "
                          "because it is being terminated", None,
                          kind.details(name))

    def _checked(self, kind, old, new, sub):
        """What a write may not change is as it was."""
        meta, was = new.setdefault("metadata", {}), old["metadata"]
        name = was["name"]
        if meta.get("uid", was["uid"]) != was["uid"]:
            raise self._conflict(kind, name, "Precondition failed: UID in "
                                 f"precondition: {meta['uid']}, UID in object "
                                 f"meta: {was['uid']}")
        version = meta.get("resourceVersion")
        if version and version != was["resourceVersion"]:
            raise self._conflict(
                kind, name, "the object has been modified; please apply your "
                "changes to the latest version and try again")
        for k in ("name", "namespace", "uid", "creationTimestamp",
                  "generation", "resourceVersion", "deletionTimestamp",
                  "deletionGracePeriodSeconds"):
            if k in was:
                meta[k] = was[k]
            else:
                meta.pop(k, None)
        new["apiVersion"], new["kind"] = kind.api_version, kind.kind
        if sub == "status":
            return {**old, "status": new.get("status", {}),
                    "metadata": dict(old["metadata"])}
        if kind.has_status:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        return new

    def _store(self, kind, key, old, new, managers, dry_run):
        """Unless nothing but times would change."""
        def bare(doc):
            out = {k: v for k, v in doc.items() if k != "metadata"}
            out["metadata"] = {k: v for k, v in doc["metadata"].items()
                               if k not in ("managedFields", "generation",
                                            "resourceVersion")}
            return out
        meta = new["metadata"] = dict(new["metadata"])
        before = self.managers.get((kind, key)) or fields.Managers()
        same = {w: e["paths"] for w, e in before.items()} == \
            {w: e["paths"] for w, e in managers.items()}
        if bare(old) == bare(new) and same:
            return old
        content = ("metadata", "status") if kind.has_status else ("metadata",)
        if {k: v for k, v in old.items() if k not in content} != \
                {k: v for k, v in new.items() if k not in content}:
            meta["generation"] = old["metadata"].get("generation", 0) + 1
        meta["managedFields"] = managers.write()
        if dry_run:
            return new
        self.managers[(kind, key)] = managers
        if meta.get("deletionTimestamp") and not meta.get("finalizers"):
            self.commit(kind, key, new)
            return self.commit(kind, key, None)
        return self.commit(kind, key, new)

    def update(self, kind, ns, name, make, manager, sub="", dry_run=False):
        """make(old) is the new one: PUT, JSON patch and merge patch."""
        old = self.get(kind, ns, name)
        key = (ns if kind.namespaced else "", name)
        new = make(copy(old))
        if not isinstance(new, dict) or \
                not isinstance(new.get("metadata", {}), dict):
            raise Refusal(400, "what is sent is no object")
        if new.get("metadata", {}).get("name", name) != name:
            raise Refusal(400, "the name of the object does not match the "
                          "name on the URL")
        new = self._checked(kind, old, new, sub)
        managers = fields.Managers(self.managers.get((kind, key)) or {})
        managers.updated((manager, "Update", sub), old, new, now_text(),
                         kind.api_version)
        return self._store(kind, key, old, new, managers, dry_run)

    def apply(self, kind, ns, name, config, manager, force, sub="",
              dry_run=False):
        """(object, created)"""
        key = (ns if kind.namespaced else "", name)
        if not manager:
            raise Refusal(422, "PatchOptions is invalid: fieldManager: "
                          "Required value: is required for apply patch")
        if (config.get("metadata") or {}).get("managedFields"):
            raise Refusal(400, "metadata.managedFields must be nil")
        if config.get("apiVersion") != kind.api_version or \
                config.get("kind") != kind.kind:
            raise Refusal(400, f"wanted {kind.kind} in {kind.api_version}")
        old = kind.objects.get(key)
        if not old:
            meta = config.get("metadata") or {}
            if sub:
                raise Refusal(404, f'{kind.called()} "{name}" not found',
                              None, kind.details(name))
            if meta.get("uid") or meta.get("resourceVersion"):
                raise self._conflict(kind, name, "it does not exist")
            doc = self.create(kind, ns, {**config, "metadata":
                                         {**meta, "name": name}},
                              manager, dry_run)
            if not dry_run:
                self._as_applied(kind, key, doc, manager, config)
            return doc, True
        managers = fields.Managers(self.managers.get((kind, key)) or {})
        who = (manager, "Apply", sub)
        part = copy(config)
        if sub == "status":
            part = {k: v for k, v in part.items()
                    if k in ("apiVersion", "kind", "metadata", "status")}
            part["metadata"] = {k: v for k, v in
                                (part.get("metadata") or {}).items()
                                if k in ("name", "namespace", "uid",
                                         "resourceVersion")}
        elif kind.has_status:
            part.pop("status", None)
        try:
            new, paths = fields.apply(old, managers, who, part, force)
        except fields.Conflict as e:
            raise Refusal(409, f"Apply failed with {len(e.args[0])} conflict"
                          f": conflict with \"{e.args[0][0][0]}\"", None,
                          kind.details(name)) from None
        managers.replace(who, paths, now_text(), kind.api_version)
        new = self._checked(kind, old, new, sub)
        return self._store(kind, key, old, new, managers, dry_run), False

    def _as_applied(self, kind, key, doc, manager, config):
        """Created by an apply: no update, and no version more for that."""
        managers = fields.Managers()
        part = {k: v for k, v in config.items()
                if k != "status" or not kind.has_status}
        managers.replace((manager, "Apply", ""),
                         frozenset(fields.leaves(part)), now_text(),
                         kind.api_version)
        self.managers[(kind, key)] = managers
        doc["metadata"]["managedFields"] = managers.write()

    def delete(self, kind, ns, name, options, dry_run=False):
        doc = self.get(kind, ns, name)
        wanted = options.get("preconditions") or {}
        for field, called in (("uid", "UID"),
                              ("resourceVersion", "ResourceVersion")):
            have = doc["metadata"].get(field)
            if wanted.get(field) and wanted[field] != have:
                raise self._conflict(
                    kind, name, f"Precondition failed: {called} in "
                    f"precondition: {wanted[field]}, {called} in object "
                    f"meta: {have}")
        if dry_run:
            return doc
        if options.get("propagationPolicy") == "Orphan":
            self.dependents.pop(doc["metadata"]["uid"], None)
        return self._end(kind, (ns if kind.namespaced else "", name))


def encode(value):
    return json.dumps(value, separators=(",", ":"),
                      ensure_ascii=False).encode("utf-8", "surrogatepass")
