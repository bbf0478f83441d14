"""YAML texts as a member of a ConfigMap, and streams of several documents:
good, odd and broken ones, from a fixed seed."""
import random

SCALARS = """
1 -1 +1 0 007 0o17 0x1F 0b101 1_000 1__0 0x_1 1.5 1. .5 -.5 1e3 1e+3 1E-3 1.5e3
1e 1e400 .inf -.Inf .nan 12:30:45 1:2 190:20:30.15 2001-12-14
2001-12-14T21:59:43Z true True TRUE tRue yes Yes no NO on Off y n Y N null Null
~ nULL 0.1 0.10 1.0 100000000000000000000 9223372036854775807
9223372036854775808 18446744073709551615 18446744073709551616
-9223372036854775808 -9223372036854775809 3.0 1e2 123456789012345678
0.30000000000000004 1e21 1e-7 4.9e-324 a ab-c a:b a#b a_b 'x' "x" 'it''s' '' ""
"\\n" "\\t\\x41\\u263a\\U0001F600" "a\\/b" "\\e" "\\_" "\\N" "\\L" "\\P" "\\0"
"yes" '1' !!str·1 !!int·"1" !!float·1 !!bool·yes !!null·x
!!int·x !!str·yes !·x !x·y !!binary·aGk= !!binary·%
!!map·{} !!seq·[] !!set·{a} !!timestamp·2001-12-14 <<· = & * @a
`a %a a% -a ?a :a a: - ? : , [] {} [,] {,} [a,] {a} {a:} {a:1} {"a":1} [1,2]
[1,[2,{a:·3}]] {a:·1,·b:·{c:·[]}} {a,·b} [a:·b] [a·b]
[a]] {a:·1}} [a {a:·1 "a 'a "a"·b 'a'b |a >b |2 \\x é ☺ "é" \x7f
"\x7f" \x85 \ufeff a··b a·#c a\tb 0.0 -0 -0.0 +0.5 0x 0b2 0o8 08 09.5
1a 0xg _1 1_ 1._5 1e5_0 +.inf .Inf .INF
"""
# A dot in the middle stands for a blank inside of one.
SCALARS = [s.replace("·", " ") for s in SCALARS.replace("\n", " ").split(" ")]
BLOCKS = [
    "|\n  a\n  b\n", ">\n  a\n  b\n", "|-\n  a\n\n", "|+\n  a\n\n",
    ">-\n  a\n\n  b\n   c\n  d\n", "|2\n    a\n", "|1\n  a\n", "|0\n  a\n",
    "|\n\n\n  a\n", "|\n \n  a\n", "|\n   \n  a\n", "|\n\ta\n", ">\n\n",
    "|\n", "|\n  # no comment\n", "| # comment\n  a\n", "|#x\n  a\n",
    "\n- a\n- b\n", "\n  - a\n  -  - b\n     - c\n", "\n - a\n  - b\n",
    "\n- a\n -b\n", "\n-\n- \n- ~\n", "\n- a: 1\n  b: 2\n- c\n",
    "\n  a: 1\n  b:\n    c: 2\n", "\n  a: 1\n b: 2\n", "\n  a: 1\n   b: 2\n",
    "\n\ta: 1\n", "\n  a:\t1\n", "\n  a: 1\t\n", "\n  ? a\n  : b\n",
    "\n  ? a\n", "\n  ? [a]\n  : b\n", "\n  ? {a: 1}\n  : b\n", "\n  : b\n",
    "\n  1: a\n  2.5: b\n  true: c\n", "\n  ~: a\n", "\n  null: a\n",
    "\n  yes: a\n  no: b\n", "\n  0x10: a\n", "\n  1e3: a\n", "\n  '1': a\n",
    "\n  a: 1\n  a: 2\n", "\n  \"a\": 1\n  a: 2\n", "\n  1: a\n  '1': b\n",
    " &a 1\ny: *a\n", " &a {b: 1}\ny:\n  <<: *a\n  c: 2\n", " *nothing\n",
    " &a {b: 1}\ny:\n  b: 2\n  <<: *a\n", " &a [1]\ny: {<<: *a}\n",
    " [&a {b: 1}, &c {d: 2}]\ny:\n  <<: [*a, *c]\n", " &a [*a]\n",
    " &a 1\ny: &a 2\nz: *a\n", " & 1\n", " * \n", " &a\ny: *a\n",
    "\n  a: b: c\n", "\n  a:b\n", "\n  a :b\n", "\n  a : b\n", " a\n b\n  c\n",
    " a\n\n b\n", " \"a\n b\n\n c\"\n", " 'a\n b'\n", " \"a\\\n   b\"\n",
    " \"a\nb\"\n", " [a,\nb]\n", " [a,\n  b]\n", " {a: 1,\n\n  b: 2}\n",
    " [a # c\n , b]\n", " [a, b\n", "\n# c\n  a: 1 # d\n  # e\n  b: 2\n",
    " a\r\ny: b\r\n", " |\r\n  a\r\n  b\r\n", " a\ry: b\n", " \"a\rb\"\n",
    " 1\ny: 2\nx: 3\n", " {x: 1, x: 2}\n", "\n  - - - a\n", "\n  -\ta\n",
    "\n  - ? a\n", "\n  - a: 1\n    - b\n", " !!str\n", " !!map [a]\n",
    " \"\\q\"\n", " \"\\x4\"\n", " \"\\ud800\"\n", " \"\\uDFFF\"\n",
    " '\x01'\n", " \"\x07\"\n", " a\x00b\n", " \u2028a\n", " a\u0085b\n",
    " a\u2028b\n", "\u00a0a\n", "\n  <<: {a: 1}\n", "\n  <<: a\n", "\n  =: 1\n"]
BYTES = [b"x: \xff\n", b"x: \xc3\x28\n", b"x: \xed\xa0\x80\n",
         b"x: \xf4\x90\x80\x80\n", b"x: \xc0\xaf\n", b"x: '\xe2\x82'\n"]
STREAMS = [
    "{0}---\n{1}", "---\n{0}---\n{1}---\n", "{0}...\n---\n{1}", "{0}--- \n{1}",
    "{0}---\t\n{1}", "{0}--- # c\n{1}", "# c\n---\n{0}", "\n\n---\n\n{0}\n\n",
    "%YAML 1.1\n---\n{0}", "%YAML 1.2\n---\n{0}", "%TAG ! !a\n---\n{0}",
    "{0}----\n{1}", "{0} ---\n{1}", "{0}---\n---\n---\n{1}", "{0}---",
    "\ufeff{0}", "\ufeff---\n{0}", "{0}---\nnull\n---\n{1}", "{0}...\n",
    "{0}---\n# only\n---\n{1}", "{0}---\n[broken\n", "{0}---\r\n{1}",
    "{0}\n--- |\n", "--- {0}", "---\n---{0}", "{0}---\n- a\n", "{0}---\na\n"]


def value(r, depth=0):
    """One line, or a block that is indented by two below a key."""
    roll = r.random()
    if roll < 0.45 or depth > 3:
        return " " + r.choice(SCALARS) + "\n"
    if roll < 0.6:
        text = r.choice(BLOCKS)
        return text if text[0] in "\n " else " " + text
    if roll < 0.8:
        pad = "  " * (depth + 1) + (" " if r.random() < 0.05 else "")
        return "\n" + "".join(
            pad + key(r) + ":" + value(r, depth + 1)
            for _ in range(r.randint(1, 3)))
    pad = "  " * (depth + r.randint(0, 1))
    return "\n" + "".join(pad + "-" + value(r, depth + 2)
                          for _ in range(r.randint(1, 3)))


def key(r):
    return r.choice(["k", "k", "k", "long-key", "a b", '"q"', "'s'", "1", "~",
                     "yes", "a.b/c", "é", "[a]", "!!str 1", "0x1", "1.50",
                     "&a z", "*a"]) + str(r.choice(["", r.randint(0, 9)]))


def mangled(r, text):
    """With a few characters gone, doubled or changed."""
    for _ in range(r.randint(1, 3)):
        i = r.randrange(len(text))
        text = r.choice([
            text[:i] + text[i + 1:], text[:i] + text[i] + text[i:],
            text[:i] + r.choice("\n\t :-#[]{},&*!|>'\"%@`?~.0") +
            text[i + 1:]])
    return text


def bodies():
    """Bytes that follow a head of apiVersion, kind and metadata."""
    r = random.Random(20261121)
    out = [f"x: {s}\n" for s in SCALARS] + [f"x:{b}" if b[0] in "\n " else
                                            f"x: {b}" for b in BLOCKS]
    out += [f"x: [{s}]\n" for s in r.sample(SCALARS, 60)]
    out += [f"x: {{a: {s}}}\n" for s in r.sample(SCALARS, 60)]
    out += [f"x:\n  {s}: a\n" for s in r.sample(SCALARS, 90)]
    made = ["".join(f"{k}:{value(r)}" for k in "xyz"[:r.randint(1, 3)])
            for _ in range(300)]
    out += made + [mangled(r, m) for m in made]
    return [b.encode("utf-8", "surrogatepass") for b in out] + BYTES
