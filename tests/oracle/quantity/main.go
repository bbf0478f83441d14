// Prints what Go and Kubernetes make of several hundred texts, as one table:
//
//	go run . >../../unit/quantity_oracle.tsv
//
// Columns by section:
//
//	quantity   text  canonical  format  rank  flags
//	add        x  y  canonical of the sum
//	duration   text  nanoseconds  Duration.String
//	timestamp  text  Unix seconds  RFC 3339 in UTC
//	cidr       text  masked prefix
//
// An error is "!" in the first result column. rank orders all good quantities;
// equal values have equal ranks. Flags: "lossy" when the canonical text does
// not parse back to the same value, "huge" when the value needs more than 127
// bits of nano units.
package main

import (
	"bufio"
	"fmt"
	"math/big"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"sort"
	"strings"
	"time"

	"gopkg.in/inf.v0"
	"k8s.io/apimachinery/pkg/api/resource"
)

var out = bufio.NewWriter(os.Stdout)

func row(columns ...any) {
	for i, c := range columns {
		if i > 0 {
			fmt.Fprint(out, "\t")
		}
		fmt.Fprint(out, c)
	}
	fmt.Fprintln(out)
}

// canonical is the text without the copy of the source that String may return.
func canonical(q resource.Quantity) string {
	number, suffix := q.CanonicalizeBytes(nil)
	return string(number) + string(suffix)
}

func quantityTexts() []string {
	numbers := []string{"0", "1", "2", "9", "10", "100", "999", "1000", "1001", "1023", "1024", "1025",
		"1500", "00012", "123456789", "999999999999999999", "1000000000000000000",
		"9223372036854775807", "9223372036854775808", "18446744073709551616",
		"0.5", ".5", "1.", "1.5", "1.50", "0.1", "0.001", "0.000000001", "0.0000000001", "0.9999999999",
		"1.0000000001", "123.456", "1.0009765625", "3.14159265358979323846264338327950288"}
	suffixes := []string{"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
		"e0", "e3", "E3", "e-3", "e+6", "E-9", "e1", "e-10", "e9"}
	texts := []string{"", " ", "+", "-", ".", "+.", "k", "Ki", "e5", "1 ", " 1", "1 Gi", "1gi", "1GI", "1K", "1ki",
		"1kI", "1Gib", "1GiB", "1B", "1mm", "1mi", "1ui", "1i", "1e", "1E+", "1e-", "1e+", "1e1.5", "1e5k", "1ee5",
		"1Ee5", "1Ei5", "1k5", "5+", "5+3", "1.2.3", "1..2", "..1", "--1", "+-1", "-+1", "++1", "1-", "0x10", "1_000",
		"1,000", "1,5", "NaN", "Inf", "-Inf", "inf", "nan", "one", "½", "١", "1µ", "1e0000000000005", "1e-0005",
		"-0", "+0", "-0.0", "000", "00.00", "0Ki", "-0Ki", "0e5", "0E", "0.0Gi", "+1Gi", "-1Gi", "-1.5Gi", "-0.5Gi", "-1n", "-0.1n",
		"-1.0000000001", "-0.0000000001Ki", "-1023Ki", "-9223372036854775809", "-9Ei", "-8Ei", "7Ei", "8Ei", "8191Pi", "8192Pi",
		"7.9999999999999999999Ei", "9007199254740991Ki", "9007199254740992Ki", "9223372036854775807Ki",
		"0.0001Ki", "0.0009765625Ki", "0.00097656250000000001Ki", "1.00000000001Ki", "1.1Ki", "0.1Gi", "1.3Mi", "2.5Ti",
		"9E", "9.2E", "9.3E", "10E", "100E", "999E", "1000E", "123456E", "1e18", "1e19", "1e21", "1e24", "1e27", "1e28",
		"1e29", "170141183460469231731687303715", "170141183460469231731687303715.884105727",
		"170141183460469231731687303715.884105728", "170141183460469231731687303716", "1e30", "1e100", "1e1000", "-1e30",
		"1e-9", "1e-18", "1e-100", "1e-1000", "123456789e-18", "5e-10", "100e-11", "0.1e-8", "0e-100",
		"12345678901234567890.123456789012345678901234567890", "1000000m", "1000000u", "1000000n", "1000000001n",
		"1500000u", "2000k", "2048Ki", "1048576Ki", "3000Mi", "1536Mi", "1073741824", "1024Mi", "1Gi", "1024Gi", "1Ti",
		"100000000000000000000000n", "1e3Ki", "0.5Gi", "1.5", "1000m", "500m", "100k", "250m", "2Gi"}
	for _, n := range numbers {
		for _, s := range suffixes {
			texts = append(texts, n+s)
		}
	}
	random := rand.New(rand.NewSource(1))
	for i := 0; i < 150; i++ {
		n := fmt.Sprint(random.Int63() >> uint(random.Intn(63)))
		if at := random.Intn(2 * len(n)); at < len(n) {
			n = n[:at] + "." + n[at:]
		}
		if random.Intn(5) == 0 {
			n = "-" + n
		}
		texts = append(texts, n+suffixes[random.Intn(len(suffixes))])
	}
	return texts
}

type result struct {
	text string
	q    resource.Quantity
	ok   bool
	rank int
}

func quantities() {
	var all []*result
	var good []*result
	seen := map[string]bool{}
	for _, text := range quantityTexts() {
		if seen[text] {
			continue
		}
		seen[text] = true
		r := &result{text: text}
		q, err := resource.ParseQuantity(text)
		r.q, r.ok = q, err == nil
		all = append(all, r)
		if r.ok {
			good = append(good, r)
		}
	}
	sort.SliceStable(good, func(i, j int) bool { return good[i].q.Cmp(good[j].q) < 0 })
	for i := 1; i < len(good); i++ {
		good[i].rank = good[i-1].rank
		if good[i].q.Cmp(good[i-1].q) != 0 {
			good[i].rank++
		}
	}
	limit := inf.NewDecBig(new(big.Int).Lsh(big.NewInt(1), 127), 9)
	for _, r := range all {
		if !r.ok {
			row("quantity", r.text, "!")
			continue
		}
		flags := "-"
		text := canonical(r.q)
		again, err := resource.ParseQuantity(text)
		if err != nil || again.Cmp(r.q) != 0 {
			flags = "lossy"
		}
		copied := r.q.DeepCopy()
		if new(inf.Dec).Abs(copied.AsDec()).Cmp(limit) >= 0 {
			flags = "huge"
		}
		row("quantity", r.text, text, r.q.Format, r.rank, flags)
	}
	random := rand.New(rand.NewSource(2))
	for i := 0; i < 200; {
		x, y := good[random.Intn(len(good))], good[random.Intn(len(good))]
		sum := x.q.DeepCopy()
		sum.Add(y.q)
		text := canonical(sum)
		again, err := resource.ParseQuantity(text)
		if x.q.IsZero() || y.q.IsZero() || err != nil || again.Cmp(sum) != 0 ||
			new(inf.Dec).Abs(sum.AsDec()).Cmp(limit) >= 0 {
			continue
		}
		row("add", x.text, y.text, text)
		i++
	}
}

func durations() {
	texts := []string{"", "0", "+0", "-0", "00", "0.0", ".", "s", ".s", "+", "-", "-s", "1", "1.5", "1s", "-1s", "+1s", "1 s", " 1s", "1s ",
		"1S", "1H", "1d", "1w", "1y", "1us", "1µs", "1μs", "1ns", "1ms", "1m", "1h", "1h30m", "90m", "1.5h", "300ms", ".5s", "1.s", "1..s",
		"-.5s", "--1s", "+-1s", "1h-1m", "1h1h", "1m1h", "1s1.5s", "1hm", "h1", "1e3s", "1_0s", "0x1s", "100ns", "999ns", "1000ns",
		"1001ns", "1100us", "1.1us", "1.000001s", "1.000000001s", "1.0000000001s", "0.9999999999s", "59.999999999s", "60s", "3599s", "3600s",
		"3601s", "24h", "8760h", "2562047h47m16.854775807s", "2562047h47m16.854775808s", "-2562047h47m16.854775808s",
		"-2562047h47m16.854775809s", "9223372036854775807ns", "9223372036854775808ns", "-9223372036854775808ns",
		"-9223372036854775809ns", "9223372036854ms", "9223372036855ms", "153722867h", "3000000h", "99999999999999999999s",
		"0.100000000000000000000h", "1.123456789h", "0.00000000000000000001h", "1h2m3s4ms5us6ns", "1m30s", "0h0m1s", "0s", "1.0h",
		"1h0m", "10m0.5s", "1.000h", "1,5h", "1½h", "1min", "1sec", "1hour", "1h 30m", "h", "1.h.5m", "1h.5m", "0.5ns", "1.9ns", "-1.9ns", "1\xc2s"}
	for _, text := range texts {
		d, err := time.ParseDuration(text)
		if err != nil {
			row("duration", text, "!")
			continue
		}
		row("duration", text, int64(d), d)
	}
}

func timestamps() {
	texts := []string{"", "2026-11-21T06:00:00Z", "2026-11-21T06:00:00z", "2026-11-21t06:00:00Z", "2026-11-21 06:00:00Z",
		"2026-11-21T06:00:00", "2026-11-21", "2026-11-21T06:00Z", "2026-11-21T06:00:00.Z", "2026-11-21T06:00:00.5Z",
		"2026-11-21T06:00:00,5Z", "2026-11-21T06:00:00.123456789123456789Z", "2026-11-21T6:00:00Z", "2026-11-21T06:0:00Z",
		"2026-11-21T06:00:0Z", "2026-1-21T06:00:00Z", "2026-11-1T06:00:00Z", "226-11-21T06:00:00Z", "02026-11-21T06:00:00Z",
		"2026-11-21T06:00:00+01:00", "2026-11-21T06:00:00-08:30", "2026-11-21T06:00:00+0100", "2026-11-21T06:00:00+01",
		"2026-11-21T06:00:00+1:00", "2026-11-21T06:00:00+23:59", "2026-11-21T06:00:00+24:00", "2026-11-21T06:00:00+24:60",
		"2026-11-21T06:00:00+25:00", "2026-11-21T06:00:00+00:61", "2026-11-21T06:00:00-24:00", "2026-11-21T06:00:00 01:00",
		"2026-11-21T06:00:00ZZ", "2026-11-21T06:00:00Z ", " 2026-11-21T06:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T23:59:60Z",
		"2026-11-21T23:60:00Z", "2026-13-21T06:00:00Z", "2026-00-21T06:00:00Z", "2026-11-00T06:00:00Z", "2026-11-31T06:00:00Z",
		"2026-02-29T06:00:00Z", "2024-02-29T06:00:00Z", "2000-02-29T06:00:00Z", "1900-02-29T06:00:00Z", "2100-02-28T23:59:59Z",
		"0000-01-01T00:00:00Z", "0000-02-29T12:00:00Z", "0000-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0004-02-29T00:00:00Z",
		"0100-03-01T00:00:00Z", "0400-02-29T00:00:00Z", "1582-10-10T00:00:00Z", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.9Z",
		"1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01", "2038-01-19T03:14:08Z", "9999-12-31T23:59:59Z",
		"9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00+00:01", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
		"2026-11-21T06:00:00.5+01:00", "2026-11-21T06:00:00.-01:00", "２026-11-21T06:00:00Z", "2026-11-21T+6:00:00Z", "2026/11/21T06:00:00Z",
		"1700000000", "2026-11-21T06:00:00GMT", "2026-11-21T06:00:00−01:00"}
	random := rand.New(rand.NewSource(3))
	for i := 0; i < 100; i++ {
		t := time.Unix(random.Int63n(315569520000)-62167219200, 0).UTC()
		texts = append(texts, t.Format(time.RFC3339))
	}
	for _, text := range texts {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
			row("timestamp", text, "!")
			continue
		}
		row("timestamp", text, t.Unix(), t.UTC().Format(time.RFC3339))
	}
}

func cidrs() {
	texts := []string{"", "/", "/8", "10.0.0.0", "10.0.0.0/", "10.0.0.0/8", "10.1.2.3/8", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/-1",
		"10.0.0.0/33", "10.0.0.0/32", "0.0.0.0/0", "255.255.255.255/32", "255.255.255.255/1", "256.0.0.0/8", "10.0.0/8", "10/8",
		"10.0.0.0.0/8", "010.0.0.0/8", "00.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0/8 ", " 10.0.0.0/8", "10..0.0/8", "10.0.0./8", ".10.0.0/8",
		"10.0.0.0/8a", "10.0.0.0/0x8", "0x0a.0.0.0/8", "10.0.0.0/99999999999999999999", "1e1.0.0.0/8", "10.0.0.0\\8", "192.168.1.77/29",
		"::/0", "::1/128", "::/128", "::/129", "::/+1", "fd00::/8", "FD00::/8", "fd00::1/8", "2001:db8::1/32", "2001:db8:0:0:1:0:0:1/128",
		"2001:0db8:0000:0000:0000:ff00:0042:8329/128", "2001:db8::1:0:0:1/128", "2001:0:0:1:0:0:0:1/128", "1:2:3:4:5:6:7:8/128",
		"1:2:3:4:5:6:7::/128", "::2:3:4:5:6:7:8/128", "1::3:4:5:6:7:8/128", "1:2:3:4:5:6:7:8::/128", "::1:2:3:4:5:6:7:8/128",
		"1:2:3:4::5:6:7:8/128", "1:2:3:4:5:6:7/128", "1:2:3:4:5:6:7:8:9/128", ":::/0", ":/0", "1:/0", ":1/0", "1::2::3/0", "::1:/0", ":1::/0",
		"12345::/16", "00001::/16", "g::/16", "::ffff:1.2.3.4/128", "64:ff9b::192.0.2.33/128", "64:ff9b::/96",
		"1:2:3:4:5:6:1.2.3.4/128", "1:2:3:4:5:1.2.3.4/128", "1:2:3:4:5:6:7:1.2.3.4/128", "::1.2.3.4/128", "::1.2.3/128", "::01.2.3.4/128",
		"::1.2.3.4:5/128", "1.2.3.4::/128", "::1.2.3.256/128", "1::2:3:4:5:6:1.2.3.4/128", "1:2:3:4:5::1.2.3.4/128", "1:2:3:4:5:6::1.2.3.4/128",
		"fe80::1%eth0/64", "fe80::%25eth0/64", "[::1]/128", "::1/64", "0:0:0:0:0:0:0:0/0", "0:0:1::/48", "1:0:0:2:0:0:0:3/128", "0:1:0:1:0:1:0:1/128",
		"1:0:1:1:1:1:1:1/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/1", "localhost/8", "::g/8", "1.2.3.4:5/8", "::ffff:0:1.2.3.4/128"}
	random := rand.New(rand.NewSource(4))
	for i := 0; i < 120; i++ {
		var b [16]byte
		for j := range b {
			if random.Intn(2) == 0 {
				b[j] = byte(random.Intn(256))
			}
		}
		addr := netip.AddrFrom16(b)
		if i%2 == 0 {
			addr = netip.AddrFrom4([4]byte(b[:4]))
		}
		texts = append(texts, fmt.Sprintf("%s/%d", addr, random.Intn(addr.BitLen()+1)))
	}
	for _, text := range texts {
		if _, _, err := net.ParseCIDR(text); err != nil {
			row("cidr", text, "!")
			continue
		}
		// Go masks IPv4-mapped blocks as IPv4; netip keeps the family.
		prefix := text[strings.IndexByte(text, '/')+1:]
		addr, bits := netip.MustParseAddr(text[:len(text)-len(prefix)-1]), 0
		fmt.Sscanf(prefix, "%d", &bits)
		row("cidr", text, netip.PrefixFrom(addr, bits).Masked())
	}
}

func main() {
	quantities()
	durations()
	timestamps()
	cidrs()
	out.Flush()
}
