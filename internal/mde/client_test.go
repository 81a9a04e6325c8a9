package mde

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// wire is a round-tripper that answers from a function and keeps the requests.
type wire struct {
	answer func(n int, req *http.Request) (*http.Response, error)

	mu   sync.Mutex
	sent []string
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.mu.Lock()
	n := len(w.sent)
	w.sent = append(w.sent, req.Method+" "+req.URL.RequestURI())
	w.mu.Unlock()
	resp, err := w.answer(n, req)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func reply(status int, contentType, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body))}
}

func newTestClient(t *testing.T, answer func(n int, req *http.Request) (*http.Response, error)) (*Client, *wire) {
	t.Helper()
	w := &wire{answer: answer}
	client, err := New(Options{Endpoint: "https://api.security.microsoft.com/", Base: w})
	if err != nil {
		t.Fatal(err)
	}
	return client, w
}

func TestDo_answersThatAreNone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		resp *http.Response
		want []string
	}{
		"error body":      {reply(404, "application/json; charset=utf-8", `{"error":{"code":"ResourceNotFound","message":"There is none","target":"|f712eef2-447d37a1beaf6d2b."}}`), []string{"404", "ResourceNotFound", "There is none", "|f712eef2-447d37a1beaf6d2b."}},
		"HTML error":      {reply(403, "text/html; charset=utf-8", "<html>proxy</html>"), []string{"403", "text/html", "proxy in between"}},
		"empty 405":       {reply(405, "", ""), []string{"405 Method Not Allowed"}},
		"HTML success":    {reply(200, "text/html", "<html>log in</html>"), []string{"text/html", "proxy in between"}},
		"empty success":   {reply(200, "application/json", ""), []string{"the answer is empty"}},
		"wrong JSON type": {reply(200, "application/json", `{"id":{}}`), []string{"cannot be read"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return test.resp, nil })
			_, err := client.Machines.Get(t.Context(), "1")
			if err == nil {
				t.Fatal("want an error")
			}
			for _, want := range append(test.want, "read machine") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

// TestDo_answersThatBreakOff reads again what breaks off, and nothing of the
// first half stays.
func TestDo_answersThatBreakOff(t *testing.T) {
	t.Parallel()
	half := func() *http.Response {
		return reply(200, "application/json", `{"value":[{"id":"9","computerDnsName":"half","machineTags":["old"]},{"id":"2","comp`)
	}
	reset := func() *http.Response {
		resp := half()
		resp.Body = io.NopCloser(io.MultiReader(resp.Body, failing{&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}}))
		return resp
	}
	for name, cut := range map[string]func() *http.Response{"cut": half, "reset": reset} {
		for _, times := range []int{1, maxReads - 1, maxReads} {
			synctest.Test(t, func(t *testing.T) {
				client, w := newTestClient(t, func(n int, _ *http.Request) (*http.Response, error) {
					if n < times {
						return cut(), nil
					}
					return reply(200, "application/json", `{"value":[{"id":"1"}]}`), nil
				})
				machines, err := collect(client.Machines.List(t.Context(), ""))
				switch {
				case times == maxReads && (err == nil || !strings.Contains(err.Error(), "cut short") || len(w.sent) != maxReads):
					t.Errorf("%s: %v after %d reads", name, err, len(w.sent))
				case times < maxReads && (err != nil || len(machines) != 1 || machines[0].ID != "1" || machines[0].ComputerDNSName != "" || machines[0].MachineTags != nil):
					t.Errorf("%s %d times: %+v, %v", name, times, machines, err)
				}
			})
		}
	}
}

// failing is a body that ends in an error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDo_sentinels(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{400: ErrInvalid, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound} {
		client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return reply(status, "", ""), nil })
		if _, err := client.Machines.Get(t.Context(), "1"); !errors.Is(err, want) {
			t.Errorf("%d: %v is not %v", status, err, want)
		}
	}
}

func TestDo_a401SaysHowTheProviderSignsIn(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return reply(401, "", ""), nil })
	client.identity = func() Identity { return Identity{SignIn: "the Azure CLI"} }
	_, err := client.Machines.Get(t.Context(), "1")
	var refused *Error
	if !errors.As(err, &refused) || refused.SignIn != "the Azure CLI" {
		t.Errorf("%+v", err)
	}
}

// TestRefused_masksWhateverTheServiceSays has a service that echoes what it was
// sent.
func TestRefused_masksWhateverTheServiceSays(t *testing.T) {
	t.Parallel()
	for name, resp := range map[string]*http.Response{
		"code":    reply(403, "application/json", `{"error":{"code":"hush"}}`),
		"message": reply(403, "application/json", `{"error":{"message":"hush"}}`),
		"target":  reply(403, "application/json", `{"error":{"code":"c","target":"hush"}}`),
		"header":  {StatusCode: 403, Header: http.Header{"Mise-Correlation-Id": {"hush"}}, Body: http.NoBody},
		"type":    reply(403, "text/hush", `x`),
		"item":    reply(200, "application/json", `{"value":[{"indicator":"a","isFailed":true,"failureReason":"hush"},{"indicator":"b","id":"1"}]}`),
	} {
		client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return resp, nil })
		client.mask = func(text string) string { return strings.ReplaceAll(text, "hush", "***") }
		results := client.Indicators.SubmitAll(t.Context(), []Indicator{{IndicatorValue: "a"}, {IndicatorValue: "b"}}, func(int) {})
		if err := results[0].Err; err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "***") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDo_redirectsToAnotherHostAreRefused(t *testing.T) {
	t.Parallel()
	client, w := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
		resp := reply(302, "", "")
		resp.Header.Set("Location", "https://evil.example/api/machines/1")
		return resp, nil
	})
	_, err := client.Machines.Get(t.Context(), "1")
	if !errors.Is(err, errRedirect) || len(w.sent) != 1 {
		t.Errorf("err = %v after %v", err, w.sent)
	}
}

func TestTarget_noNameChangesThePath(t *testing.T) {
	t.Parallel()
	client, w := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return reply(204, "", ""), nil })
	_ = client.LibraryFiles.Delete(t.Context(), "a/../b c?.ps1")
	_, _ = client.LiveResponse.ResultLink(t.Context(), "id", 2)
	want := "[DELETE /api/libraryfiles/a%2F..%2Fb%20c%3F.ps1 GET /api/machineactions/id/GetLiveResponseResultDownloadLink(index=2)]"
	if got := fmt.Sprint(w.sent[:2]); got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
}

func TestList_followsLinksAndFullPages(t *testing.T) {
	t.Parallel()
	full := `{"value":[` + strings.TrimSuffix(strings.Repeat("{},", pageSize), ",") + `]`
	client, w := newTestClient(t, func(n int, _ *http.Request) (*http.Response, error) {
		return reply(200, "application/json", []string{
			full + `,"@odata.nextLink":"https://api-eu3.securitycenter.microsoft.com/api/machines?$skip=10000"}`,
			full + `}`,
			`{"value":[{}]}`,
		}[n]), nil
	})
	machines, err := collect(client.Machines.List(t.Context(), "healthStatus eq 'Active'"))
	if err != nil || len(machines) != 2*pageSize+1 {
		t.Fatalf("%d machines, %v", len(machines), err)
	}
	want := "GET /api/machines?$filter=healthStatus%20eq%20%27Active%27&$top=10000 GET /api/machines?$skip=10000 GET /api/machines?$filter=healthStatus%20eq%20%27Active%27&$skip=20000&$top=10000"
	if got := strings.Join(w.sent, " "); got != want {
		t.Errorf("sent %s", got)
	}
}

func TestList_linksOffTheDefenderHostsAreRefused(t *testing.T) {
	t.Parallel()
	for _, link := range []string{"https://evil.example/?$skip=1", "http://api.security.microsoft.com/?$skip=1", "https://security.microsoft.com.evil.example/", "https://evilsecurity.microsoft.com:443@evil.example/", "https://security.microsoft.com:443.evil.example/"} {
		client, w := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
			return reply(200, "application/json", fmt.Sprintf(`{"value":[{}],"@odata.nextLink":%q}`, link)), nil
		})
		if _, err := collect(client.Machines.List(t.Context(), "")); err == nil || len(w.sent) != 1 {
			t.Errorf("%s: err = %v after %d calls", link, err, len(w.sent))
		}
	}
}

func TestList_endsWhereTheServiceDoesNot(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) {
		return reply(200, "application/json", `{"value":[],"@odata.nextLink":"https://api.security.microsoft.com/api/machines?$skip=1"}`), nil
	})
	if _, err := collect(client.Machines.List(t.Context(), "")); err == nil {
		t.Error("want an error")
	}
}

// TestList_pagesMayBeEmpty has a filter at the service leave nothing of a page.
func TestList_pagesMayBeEmpty(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(n int, _ *http.Request) (*http.Response, error) {
		return reply(200, "application/json", []string{
			`{"value":[],"@odata.nextLink":"https://api.security.microsoft.com:443/api/machines?$skip=10000"}`,
			`{"value":[{"id":"1"}],"@odata.nextLink":"https://us.API.security.microsoft.com:443/api/machines?$skip=20000"}`,
			`{"value":[{"id":"2"}]}`,
		}[n]), nil
	})
	if machines, err := collect(client.Machines.List(t.Context(), "")); err != nil || len(machines) != 2 {
		t.Errorf("%v, %v", machines, err)
	}
}

// TestNextLink_ports has the port count, and the one that goes without saying
// not.
func TestNextLink_ports(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		endpoint, link string
		follows        bool
	}{
		{"https://api.security.microsoft.com", "https://api.security.microsoft.com:443/x", true},
		{"https://api.security.microsoft.com:443", "https://api.security.microsoft.com/x", true},
		{"https://api.security.microsoft.com", "https://eu.api.security.microsoft.com:443/x", true},
		{"https://api.security.microsoft.com", "https://api.security.microsoft.com:8443/x", false},
		{"https://api.security.microsoft.com", "https://eu.api.security.microsoft.com:8443/x", false},
		{"https://api.security.microsoft.com", "http://api.security.microsoft.com:443/x", false},
		{"https://proxy.example:8443", "https://proxy.example:8443/x", true},
		{"https://proxy.example:8443", "https://proxy.example/x", false},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080/x", true},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8081/x", false},
		{"http://127.0.0.1:8080", "http://127.0.0.1/x", false},
		{"http://127.0.0.1", "http://127.0.0.1:80/x", true},
		{"http://127.0.0.1", "http://127.0.0.1:443/x", false},
		{"http://127.0.0.1:8080", "https://api.security.microsoft.com/x", false},
	} {
		client, err := New(Options{Endpoint: test.endpoint})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.nextLink(test.link); (err == nil) != test.follows {
			t.Errorf("%s from %s: %v", test.link, test.endpoint, err)
		}
	}
}

func TestMachines_404IsAnEmptyList(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return reply(404, "", ""), nil })
	if machines, err := collect(client.Machines.List(t.Context(), "")); err != nil || len(machines) != 0 {
		t.Errorf("%v, %v", machines, err)
	}
}

func TestRun_isSentOnceAndItsOutcomeIsOpen(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(int, *http.Request) (*http.Response, error){
		"503":   func(int, *http.Request) (*http.Response, error) { return reply(503, "", ""), nil },
		"reset": func(int, *http.Request) (*http.Response, error) { return nil, errors.New("connection reset") },
		"cut":   func(int, *http.Request) (*http.Response, error) { return reply(201, "", `{"id":`), nil },
		"empty": func(int, *http.Request) (*http.Response, error) { return reply(201, "", ``), nil },
		"no id": func(int, *http.Request) (*http.Response, error) { return reply(201, "", `{}`), nil },
	} {
		client, w := newTestClient(t, answer)
		if _, err := client.LiveResponse.Run(t.Context(), RunRequest{MachineID: "m"}); !errors.Is(err, ErrOutcomeUnknown) || len(w.sent) != 1 {
			t.Errorf("%s: %v after %d calls", name, err, len(w.sent))
		}
	}
}

func TestPoll_oneReadServesAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, w := newTestClient(t, func(_ int, req *http.Request) (*http.Response, error) {
			if strings.Contains(req.URL.RawQuery, "filter") {
				return reply(200, "application/json", `{"value":[{"id":"a","status":"Pending"},{"id":"B","status":"Succeeded"}]}`), nil
			}
			return reply(200, "application/json", `{"id":"a","status":"Succeeded"}`), nil
		})
		start := time.Now()
		var wg sync.WaitGroup
		for id, interval := range map[string]time.Duration{"a": 15 * time.Second, "b": 2 * time.Second, "gone": 9 * time.Second} {
			wg.Go(func() {
				action, err := client.MachineActions.Poll(t.Context(), id, interval)
				if id == "gone" {
					if !errors.Is(err, ErrNotFound) {
						t.Errorf("gone: %v", err)
					}
				} else if !strings.EqualFold(action.ID, id) {
					t.Errorf("%s: %+v, %v", id, action, err)
				}
			})
		}
		wg.Wait()
		if len(w.sent) != 1 || time.Since(start) > 3*time.Second {
			t.Errorf("%d calls in %v", len(w.sent), time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.MachineActions.Poll(ctx, "a", time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v", err)
		}
		if action, err := client.MachineActions.Poll(t.Context(), "a", time.Minute); err != nil || action.Status != StatusSucceeded || len(w.sent) != 2 {
			t.Errorf("%+v, %v after %d calls", action, err, len(w.sent))
		}
	})
}

func TestMachineAction_done(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]bool{"Succeeded": true, "FAILED": true, "Timeout": true, "Canceled": true, "cancelled": true, "Pending": false, "InProgress": false, "SomethingNew": false, "": false} {
		if got := (MachineAction{Status: status}).Done(); got != want {
			t.Errorf("%q: Done() = %v", status, got)
		}
	}
}

func TestDo_connectionsThatEndWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	client, _ := newTestClient(t, func(int, *http.Request) (*http.Response, error) { return nil, io.EOF })
	if _, err := client.Machines.Get(t.Context(), "1"); err == nil || !strings.Contains(err.Error(), "read machine: the connection was closed before an answer came") {
		t.Errorf("err = %v", err)
	}
}
