package mdesim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// tester calls a tenant of its own over memory.
type tester struct {
	*testing.T
	*Server
	token string
}

func newTester(t *testing.T, options Options) *tester {
	t.Helper()
	server, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return &tester{T: t, Server: server, token: server.AccessToken()}
}

// answered is an answer, with its JSON body decoded if it is an object.
type answered struct {
	status int
	header http.Header
	raw    string
	json   map[string]any
}

// code is that of an error body.
func (a answered) code() string {
	refusal, _ := a.json["error"].(map[string]any)
	code, _ := refusal["code"].(string)
	return code
}

// rows is the value of a list.
func (a answered) rows() []map[string]any {
	values, _ := a.json["value"].([]any)
	rows := make([]map[string]any, len(values))
	for i, value := range values {
		rows[i], _ = value.(map[string]any)
	}
	return rows
}

// column is one property of every row.
func (a answered) column(name string) string {
	var texts []string
	for _, row := range a.rows() {
		text, _ := row[name].(string)
		texts = append(texts, text)
	}
	return strings.Join(texts, " ")
}

func (t *tester) send(method, path, contentType, body string) (answered, error) {
	t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = t.URL() + path
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if t.token != "" {
		r.Header.Set("Authorization", "Bearer "+t.token)
	}
	r.Header.Set("Content-Type", contentType)
	response, err := t.Transport().RoundTrip(r)
	if err != nil {
		return answered{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	a := answered{status: response.StatusCode, header: response.Header, raw: string(text)}
	_ = json.Unmarshal(text, &a.json)
	return a, err
}

// call sends JSON and expects an answer of that status.
func (t *tester) call(status int, method, path, body string) answered {
	t.Helper()
	a, err := t.send(method, path, "application/json", body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if a.status != status {
		t.Errorf("%s %s: %d, want %d: %s", method, path, a.status, status, a.raw)
	}
	return a
}

// refused expects an error of that status and code.
func (t *tester) refused(status int, code, method, path, body string) answered {
	t.Helper()
	a := t.call(status, method, path, body)
	if a.code() != code {
		t.Errorf("%s %s: code %q, want %q", method, path, a.code(), code)
	}
	return a
}

func mustRequest(tb testing.TB, url string) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
