"""Who owns which field: metadata.managedFields, and what depends on it.

A simplification of Kubernetes' server-side apply ("Server-Side Apply",
structured-merge-diff): maps are merged, lists are atomic but for the
associative ones of the table. Without schemas, so all other maps are granular.
"""
import json

# Lists that are merged by a key of their items.
ASSOCIATIVE = {
    ("metadata", "ownerReferences"): "uid",
    ("status", "conditions"): "type",
    ("spec", "containers"): "name",
    ("spec", "schedulingGates"): "name",
    ("webhooks",): "name",
}
# Maps that are replaced as a whole.
ATOMIC = {("spec", "podSelector"), ("spec", "selector")}
UNOWNED = {("apiVersion",), ("kind",)} | {
    ("metadata", f) for f in (
        "name", "namespace", "uid", "resourceVersion", "generation",
        "creationTimestamp", "deletionTimestamp", "managedFields",
        "deletionGracePeriodSeconds", "selfLink", "generateName")}


def copy(value):
    if isinstance(value, dict):
        return {k: copy(v) for k, v in value.items()}
    if isinstance(value, list):
        return [copy(v) for v in value]
    return value


def _key(name, item):
    return "k:" + json.dumps({name: item.get(name)}, separators=(",", ":"))


def _walk(value, path, fields, out):
    if path in UNOWNED:
        return
    if isinstance(value, dict) and value and path not in ATOMIC:
        for k, v in value.items():
            _walk(v, path + (k,), fields + ("f:" + k,), out)
    elif (isinstance(value, list) and value and path in ASSOCIATIVE and
          all(isinstance(i, dict) for i in value)):
        for item in value:
            inner = fields + (_key(ASSOCIATIVE[path], item),)
            out[inner + (".",)] = None
            for k, v in item.items():
                _walk(v, path + ("[]", k), inner + ("f:" + k,), out)
    elif fields:
        out[fields] = value


def leaves(doc):
    """{path of fieldsV1 as a tuple: value}"""
    out = {}
    _walk(doc, (), (), out)
    return out


def _step(value, step):
    if step.startswith("f:"):
        return value.get(step[2:]) if isinstance(value, dict) else None
    if step.startswith("k:") and isinstance(value, list):
        (name, wanted), = json.loads(step[2:]).items()
        for item in value:
            if isinstance(item, dict) and item.get(name) == wanted:
                return item
    return None


def _remove(doc, fields):
    """Takes the field out, and the maps that are empty for it."""
    if fields[-1] == ".":
        fields = fields[:-1]
    trail = [doc]
    for step in fields[:-1]:
        trail.append(_step(trail[-1], step))
        if trail[-1] is None:
            return
    for parent, step in zip(reversed(trail), reversed(fields)):
        child = _step(parent, step)
        if child is None or (step is not fields[-1] and child):
            return
        if isinstance(parent, list):
            parent.remove(child)
        else:
            del parent[step[2:]]


def _merge_lists(base, patch, path):
    name = ASSOCIATIVE[path]
    old = {i.get(name): i for i in base if isinstance(i, dict)}
    new = {i.get(name) for i in patch if isinstance(i, dict)}
    out, rest = [], list(base)
    for item in patch:
        while rest and rest[0].get(name) not in new:
            out.append(rest.pop(0))
        if rest:
            rest.pop(0)
        out.append(merge(old.get(item.get(name), {}), item, path + ("[]",)))
    return out + [i for i in rest if i.get(name) not in new]


def merge(base, patch, path=()):
    """What an applied configuration makes of an object."""
    if isinstance(base, dict) and isinstance(patch, dict) and \
            path not in ATOMIC:
        out = dict(base)
        for k, v in patch.items():
            out[k] = merge(base.get(k), v, path + (k,))
        return out
    if isinstance(base, list) and isinstance(patch, list) and \
            path in ASSOCIATIVE:
        return _merge_lists(base, patch, path)
    return copy(patch)


class Managers(dict):
    """{(manager, operation, subresource): {"paths", "time", "version"}}"""

    @staticmethod
    def read(entries):
        out = Managers()
        for e in entries or ():
            paths = set()
            _read_fields(e.get("fieldsV1") or {}, (), paths)
            out[(e.get("manager", ""), e.get("operation", "Update"),
                 e.get("subresource", ""))] = {
                     "paths": frozenset(paths), "time": e.get("time"),
                     "version": e.get("apiVersion")}
        return out

    def paths(self, who):
        return self[who]["paths"] if who in self else frozenset()

    def replace(self, who, paths, time, version):
        if paths:
            self[who] = {"paths": frozenset(paths), "time": time,
                         "version": version}
        else:
            self.pop(who, None)

    def take(self, who, paths):
        """Nobody else owns these any more."""
        for other in [w for w in self if w != who]:
            left = self[other]["paths"] - paths
            if not left:
                del self[other]
            elif len(left) != len(self[other]["paths"]):
                self[other] = {**self[other], "paths": left}

    def write(self):
        out = []
        for (manager, operation, sub), e in self.items():
            entry = {"manager": manager, "operation": operation,
                     "apiVersion": e["version"], "time": e["time"],
                     "fieldsType": "FieldsV1", "fieldsV1": _tree(e["paths"])}
            if sub:
                entry["subresource"] = sub
            out.append(entry)
        return out

    def updated(self, who, before, after, time, version):
        """A write that is no apply: owned is what it changed."""
        old, new = leaves(before), leaves(after)
        changed = {p for p, v in new.items() if p not in old or old[p] != v}
        gone = {p for p in old if p not in new}
        self.take(who, frozenset(changed | gone))
        self.replace(who, (self.paths(who) - gone) | changed, time, version)


def _read_fields(tree, path, out):
    for k, v in tree.items():
        if k == ".":
            if path and path[-1].startswith("k:"):
                out.add(path + (".",))
        elif v:
            _read_fields(v, path + (k,), out)
        else:
            out.add(path + (k,))


def _tree(paths):
    root = {}
    for path in sorted(paths):
        node = root
        for step in path:
            node = node.setdefault(step, {})
    return root


class Conflict(Exception):
    """fields: [(manager, path)]"""


def apply(doc, managers, who, config, force):
    """The object after an apply. managers is changed; time is the caller's."""
    wanted = leaves(config)
    have = leaves(doc)
    conflicts = [(other[0], p) for other, e in managers.items()
                 if other != who
                 for p in e["paths"]
                 if p in wanted and have.get(p) != wanted[p]]
    if conflicts and not force:
        raise Conflict(conflicts)
    managers.take(who, frozenset(p for _, p in conflicts))
    out = copy(merge(doc, config))
    others = set()
    for other, e in managers.items():
        if other != who:
            others |= e["paths"]
    gone = managers.paths(who) - set(wanted) - others
    # Items first: they are found by a field of theirs that goes, too.
    for path in sorted(gone, key=lambda p: (p[-1] != ".", -len(p))):
        inside = path[:-1]
        if path[-1] == "." and any(o[:len(inside)] == inside
                                   for o in others):
            continue
        _remove(out, path)
    return out, frozenset(wanted)
