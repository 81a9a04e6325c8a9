package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serve runs the command until stop is called, and returns what it prints for
// the environment.
func serve(t *testing.T, args ...string) (environment map[string]string, stop func()) {
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
	seed := filepath.Join(dir, "seed.json")
	if err := os.WriteFile(seed, []byte(`{"indicators": [{"indicatorValue": "evil.example"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-ca-file", filepath.Join(dir, "ca.pem"), "-state", filepath.Join(dir, "state.json"), "-seed", seed}
	first, stop := serve(t, args...)
	if text := get(t, first["MDE_ENDPOINT"]+"/api/indicators", first["MDE_ACCESS_TOKEN"]); !strings.Contains(text, "evil.example") {
		t.Errorf("%s", text)
	}
	stop()
	ca, err := os.ReadFile(first["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}

	second, stop := serve(t, args...)
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
	environment, stop := serve(t, "-tenant-id", id, "-ca-file", filepath.Join(t.TempDir(), "ca.pem"))
	if got := environment["MDE_TENANT_ID"]; got != id {
		t.Errorf("it is the tenant %q", got)
	}
	stop()
}

func TestRun_badArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nonsense"}, {"argument"}, {"-seed", "missing.json"}, {"-addr", "nowhere:-1"}} {
		args = append([]string{"-addr", "127.0.0.1:0", "-authority-addr", "127.0.0.1:0", "-ca-file", filepath.Join(t.TempDir(), "ca.pem")}, args...)
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
