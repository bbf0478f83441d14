// Fills the third column of yaml_oracle.tsv with what kubectl's own reader
// makes of the second one. With -lines: one escaped text per input line, one
// result per output line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// The loop of k8s.io/cli-runtime's StreamVisitor, with its buffer size.
func read(text string) string {
	var docs []string
	d := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var ext runtime.RawExtension
		err := d.Decode(&ext)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "error"
		}
		raw := bytes.TrimSpace(ext.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		var out bytes.Buffer
		if err := json.Compact(&out, raw); err != nil {
			return "error"
		}
		docs = append(docs, out.String())
	}
	return "[" + strings.Join(docs, ",") + "]"
}

func unescape(s string) string {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bad escape in %q: %v\n", s, err)
		os.Exit(1)
	}
	return text
}

func main() {
	lines := flag.Bool("lines", false, "plain lines instead of the table")
	flag.Parse()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\n")
		col := strings.Split(line, "\t")
		switch {
		case *lines:
			fmt.Fprintln(out, read(unescape(line)))
		case line == "" || line[0] == '#' || len(col) < 2:
			fmt.Fprintln(out, line)
		default:
			fmt.Fprintf(out, "%s\t%s\t%s\n", col[0], col[1], read(unescape(col[1])))
		}
	}
}
