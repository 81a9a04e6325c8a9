package mde

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeScriptResult(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		want ScriptResult
	}{
		"as recorded":         {`{"script_name":"a.ps1","exit_code":0,"script_output":"Transcript started\n\u0000","script_errors":""}`, ScriptResult{ScriptName: "a.ps1", HasExitCode: true, Output: "Transcript started\n"}},
		"as documented":       {"{\"name\":\"a.ps1\",\"exit_code\":3,\"script_output\":\"one\r\ntwo\",\"script_error\":\"bad \\\"x\\\"\"}", ScriptResult{ScriptName: "a.ps1", ExitCode: 3, HasExitCode: true, Output: "one\r\ntwo", Errors: `bad "x"`}},
		"byte order mark":     {"\ufeff{\"exit_code\":1}", ScriptResult{ExitCode: 1, HasExitCode: true}},
		"no JSON":             {"plain\x00 text", ScriptResult{Output: "plain text"}},
		"cut short":           {`{"script_output":"abc`, ScriptResult{Output: `{"script_output":"abc`}},
		"some other JSON":     {`{"answer":42}`, ScriptResult{Output: `{"answer":42}`}},
		"bytes of no text":    {"\xff\xfe", ScriptResult{Output: "\uFFFD"}},
		"cut behind the code": {`{"exit_code" : 3,"script_output":"\"exit_code\": 5 abc`, ScriptResult{ExitCode: 3, HasExitCode: true, Output: `{"exit_code" : 3,"script_output":"\"exit_code\": 5 abc`}},
		"raw backslashes":     {`{"exit_code":-2,"script_output":"C:\ProgramData"}`, ScriptResult{ExitCode: -2, HasExitCode: true, Output: `{"exit_code":-2,"script_output":"C:\ProgramData"}`}},
		"errors as a list":    {`{"exit_code":3,"script_errors":["a"]}`, ScriptResult{ExitCode: 3, HasExitCode: true, Output: `{"exit_code":3,"script_errors":["a"]}`}},
		"text about codes":    {`done, "exit_code": 3`, ScriptResult{Output: `done, "exit_code": 3`}},
		"NULs at the end":     {"{\"exit_code\":3}\x00\x00", ScriptResult{ExitCode: 3, HasExitCode: true}},
		"code as a text":      {`{"exit_code":"3"}`, ScriptResult{ExitCode: 3, HasExitCode: true}},
		"code as a float":     {`{"exit_code":3.0}`, ScriptResult{ExitCode: 3, HasExitCode: true}},
		"null code":           {`{"exit_code":null,"script_output":"x"}`, ScriptResult{Output: "x"}},
		"unsigned code":       {`{"exit_code":4294967295}`, ScriptResult{ExitCode: 4294967295, HasExitCode: true}},
		"no code at all":      {`{"exit_code":{},"script_output":"x"}`, ScriptResult{Output: "x"}},
		"without exit code":   {`{"script_output":"x"}`, ScriptResult{Output: "x"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, DecodeScriptResult([]byte(test.in))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write([]byte(strings.Repeat("a", 1000)))
	_ = w.Close()

	for name, in := range map[string][]byte{"gzip": zipped.Bytes(), "plain": []byte(strings.Repeat("a", 1000))} {
		got, err := unpack(bytes.NewReader(in), 1000)
		if err != nil || len(got.Data) != 1000 || got.Truncated {
			t.Errorf("%s: %d bytes, truncated %v, %v", name, len(got.Data), got.Truncated, err)
		}
		if got, _ = unpack(bytes.NewReader(in), 10); len(got.Data) != 10 || !got.Truncated {
			t.Errorf("%s: the bound is not kept: %d bytes, truncated %v", name, len(got.Data), got.Truncated)
		}
	}
	if _, err := unpack(bytes.NewReader(zipped.Bytes()[:zipped.Len()/2]), 1000); err == nil {
		t.Error("half a gzip is an error")
	}
	if got, err := unpack(strings.NewReader("a"), 10); err != nil || string(got.Data) != "a" {
		t.Errorf("one byte: %q, %v", got.Data, err)
	}
}

func TestResultName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`attachment; filename=output_1_0.json`:        "output_1_0.json",
		`attachment; filename="a b.zip.gz"`:           "a b.zip",
		`attachment; filename="..\\..\\etc\\passwd"`:  "passwd",
		`attachment; filename="../../x"`:              "x",
		`attachment; filename=".."`:                   "",
		`attachment`:                                  "",
		`attachment; filename*=UTF-8''na%C3%AFve.txt`: "naïve.txt",
	} {
		if got := resultName(http.Header{"Content-Disposition": {in}}); got != want {
			t.Errorf("resultName(%s) = %q, want %q", in, got, want)
		}
	}
}
