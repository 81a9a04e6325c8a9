package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

// start runs the command until stop is called, and returns what it prints for
// the environment.
func start(t *testing.T, args ...string) (environment map[string]string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	args = append([]string{"-addr", "127.0.0.1:0", "-authority-addr", "127.0.0.1:0"}, args...)
	go func() {
		err := run(ctx, args, writer, io.Discard)
		_ = writer.CloseWithError(io.EOF)
		ended <- err
	}()
	environment = map[string]string{}
	lines := bufio.NewScanner(reader)
	for lines.Scan() && !strings.Contains(lines.Text(), "One machine") {
		if name, value, ok := strings.Cut(strings.TrimLeft(lines.Text(), "# "), "="); ok {
			environment[strings.TrimPrefix(name, "export ")] = value
		}
	}
	return environment, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	}
}

func get(t *testing.T, url, token string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%s: %d %s %v", url, response.StatusCode, text, err)
	}
	return string(text)
}

func TestRun_keepsItsStateAndItsCA(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	seed := filepath.Join(dir, "seed.yaml")
	if err := os.WriteFile(seed, []byte("indicators:\n  - indicatorValue: evil.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-ca-file", filepath.Join(dir, "ca.pem"), "-state", filepath.Join(dir, "state.json"), "-seed", seed}
	first, stop := start(t, args...)
	if text := get(t, first["MDE_ENDPOINT"]+"/api/indicators", first["MDE_ACCESS_TOKEN"]); !strings.Contains(text, "evil.example") {
		t.Errorf("%s", text)
	}
	stop()
	ca, err := os.ReadFile(first["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}

	second, stop := start(t, args...)
	if text := get(t, second["MDE_ENDPOINT"]+"/api/indicators", first["MDE_ACCESS_TOKEN"]); strings.Count(text, "evil.example") != 1 {
		t.Errorf("%s", text)
	}
	stop()
	if again, err := os.ReadFile(second["SSL_CERT_FILE"]); err != nil || string(again) != string(ca) {
		t.Errorf("the CA has changed: %v", err)
	}
	for _, name := range []string{"MDE_TENANT_ID", "MDE_CLIENT_ID", "MDE_CLIENT_SECRET", "MDE_AUTHORITY_HOST"} {
		if first[name] == "" {
			t.Errorf("%s is not printed", name)
		}
	}
}

func TestRun_asASecondTenant(t *testing.T) {
	t.Parallel()
	const id = "fab51ca0-0000-4000-8000-7e4a470e4a47"
	environment, stop := start(t, "-tenant-id", id, "-ca-file", filepath.Join(t.TempDir(), "ca.pem"))
	if got := environment["MDE_TENANT_ID"]; got != id {
		t.Errorf("it is the tenant %q", got)
	}
	stop()
}

func TestRun_endsWithItsCommand(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	err := run(t.Context(), []string{"-quiet", "sh", "-c", `echo "$MDE_ENDPOINT $MDE_TENANT_ID $MDE_ACCESS_TOKEN"; exit 3`}, &stdout, io.Discard)
	if code := exitCode(err); code != 3 {
		t.Errorf("exit code %d of %v", code, err)
	}
	words := strings.Fields(stdout.String())
	if len(words) != 3 || !strings.HasPrefix(words[0], "http://127.0.0.1:") || words[1] != mdesim.DefaultTenantID || strings.Count(words[2], ".") != 2 {
		t.Errorf("it was told %q", words)
	}
}

func TestRun_version(t *testing.T) {
	t.Parallel()
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"-version"}, &stdout, io.Discard); err != nil || stdout.String() != "mdesim dev\n" {
		t.Errorf("%q, %v", stdout.String(), err)
	}
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	for goos, want := range map[string]string{
		"linux":   "export A=1\nexport B=x=y\n",
		"windows": "$env:A = '1'\n$env:B = 'x=y'\n",
	} {
		if got := assignments(goos, []string{"A=1", "B=x=y"}); got != want {
			t.Errorf("%s: %q", goos, got)
		}
	}
}

func TestRun_badArguments(t *testing.T) {
	t.Parallel()
	unknown := filepath.Join(t.TempDir(), "seed.yaml")
	if err := os.WriteFile(unknown, []byte("indicatrs: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-nonsense"}, {"no-such-command"}, {"-seed", "missing.json"}, {"-seed", unknown}, {"-addr", "nowhere:-1"}} {
		args = append([]string{"-addr", "127.0.0.1:0", "-authority-addr", "127.0.0.1:0", "-ca-file", filepath.Join(t.TempDir(), "ca.pem")}, args...)
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// TestReadme_isComplete holds the page against the program: its flags and its
// seed.
func TestReadme_isComplete(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var usage bytes.Buffer
	if _, err := parse([]string{"-help"}, &usage); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(usage.String(), -1)
	if len(flags) < 10 {
		t.Errorf("flags: %q", flags)
	}
	for _, match := range flags {
		if !strings.Contains(string(page), "\n| `"+match[1]+"` |") {
			t.Errorf("the flag %s is missing", match[1])
		}
	}
	example := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(page)
	seed, err := mdesim.DecodeSeed(example[1])
	if err != nil {
		t.Fatal(err)
	}
	fields := reflect.ValueOf(seed)
	for n := range fields.NumField() {
		if fields.Field(n).Len() == 0 {
			t.Errorf("the seed has no %s", fields.Type().Field(n).Name)
		}
	}
	fault := reflect.TypeFor[mdesim.Fault]()
	for n := range fault.NumField() {
		if name := fault.Field(n).Tag.Get("json"); name != "-" && !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("the field %s of a fault is missing", name)
		}
	}
}

// TestReadme_calls makes the calls of the page that steer the tenant.
func TestReadme_calls(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	server, err := mdesim.New(mdesim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`curl --data '(.*)' "\$MDE_ENDPOINT(/sim/.*)"`).FindAllSubmatch(page, -1)
	if len(calls) < 5 {
		t.Errorf("%d calls were found", len(calls))
	}
	for _, call := range calls {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, string(call[2]), bytes.NewReader(call[1]))
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", call[0], w.Code, w.Body)
		}
	}
}
