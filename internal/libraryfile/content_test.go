package libraryfile

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, data []byte) types.String {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return types.StringValue(file)
	}
	text := types.StringValue
	largest := bytes.Repeat([]byte("a"), maxSize)
	for name, test := range map[string]struct {
		model           model
		want            []byte
		attribute, says string
	}{
		"text":                 {model: model{Content: text("a\r\nb\n")}, want: []byte("a\r\nb\n")},
		"bytes":                {model: model{ContentBase64: text("AAEC")}, want: []byte{0, 1, 2}},
		"file":                 {model: model{Source: write("f", []byte("x"))}, want: []byte("x")},
		"largest file":         {model: model{Source: write("largest", largest)}, want: largest},
		"lf":                   {model: model{Content: text("a\r\nb\n\rc"), LineEndings: text("lf")}, want: []byte("a\nb\n\rc")},
		"crlf":                 {model: model{Content: text("a\r\nb\n"), LineEndings: text("crlf")}, want: []byte("a\r\nb\r\n")},
		"binary preserved":     {model: model{ContentBase64: text("AA0K"), LineEndings: text("preserve")}, want: []byte{0, '\r', '\n'}},
		"empty text":           {model: model{Content: text("")}, attribute: "content", says: "empty"},
		"bad base64":           {model: model{ContentBase64: text("a$")}, attribute: "content_base64", says: "no standard base64"},
		"no path":              {model: model{Source: text("")}, attribute: "source", says: "path is empty"},
		"no such file":         {model: model{Source: text(filepath.Join(dir, "none.ps1"))}, attribute: "source", says: "There is no file"},
		"folder":               {model: model{Source: text(dir)}, attribute: "source", says: "is a folder"},
		"device":               {model: model{Source: text(os.DevNull)}, attribute: "source", says: "no regular file"},
		"empty file":           {model: model{Source: write("empty", nil)}, attribute: "source", says: "empty"},
		"one byte too many":    {model: model{Source: write("large", append(largest, 'a'))}, attribute: "source", says: "larger than 20 MB (20971520 bytes)"},
		"large bytes":          {model: model{ContentBase64: text(base64.StdEncoding.EncodeToString(append(largest, 'a')))}, attribute: "content_base64", says: "larger than 20 MB"},
		"converted binary":     {model: model{ContentBase64: text("AA0K"), LineEndings: text("lf")}, attribute: "line_endings", says: "UTF-16"},
		"large when converted": {model: model{Content: text(strings.Repeat("\n", maxSize/2+1)), LineEndings: text("crlf")}, attribute: "line_endings", says: "larger than 20 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, p := test.model.load()
			if p != nil {
				if p.attribute != test.attribute || !strings.Contains(p.detail, test.says) {
					t.Errorf("problem %q at %s, want %q at %q", p.detail, p.attribute, test.says, test.attribute)
				}
				return
			}
			if test.attribute != "" || !bytes.Equal(got, test.want) {
				t.Errorf("got %d bytes, want %d, or a problem at %q", len(got), len(test.want), test.attribute)
			}
		})
	}
}

func TestUnsigned(t *testing.T) {
	t.Parallel()
	utf16 := func(s string) []byte {
		var out []byte
		for _, c := range []byte(s) {
			out = append(out, c, 0)
		}
		return out
	}
	signed := "Get-Date\r\n" + signatureMark + "\r\n# MII…"
	for name, test := range map[string]struct {
		file string
		data []byte
		want bool
	}{
		"unsigned":        {"a.ps1", []byte("Get-Date"), true},
		"upper case":      {"A.PS1", []byte("Get-Date"), true},
		"signed":          {"a.ps1", []byte(signed), false},
		"signed UTF-16":   {"a.ps1", utf16("Get-Date\n" + signatureMark), false},
		"unsigned UTF-16": {"a.ps1", utf16("Get-Date"), true},
		"another type":    {"a.sh", []byte("date"), false},
	} {
		if got := unsigned(test.file, test.data); got != test.want {
			t.Errorf("%s: unsigned = %v", name, got)
		}
	}
}

func TestMixedLineEndings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"": false, "a": false, "a\nb\n": false, "a\r\nb\r\n": false, "a\r\nb\n": true, "a\nb\r\n": true, "\x00\r\n\n": false} {
		if got := mixedLineEndings([]byte(text)); got != want {
			t.Errorf("mixedLineEndings(%q) = %v", text, got)
		}
	}
}
