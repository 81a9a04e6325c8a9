package mdesim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults_rules(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.AddFault(Fault{Op: OpListMachines, Skip: 1, Times: 2, Status: 503, Code: "Unavailable", Message: "later", RetryAfter: "7"})
	s.AddFault(Fault{Op: OpListMachines, Status: 500, Times: -1, Match: func(c Call) bool { return strings.Contains(c.Query, "$top") }})
	s.call(200, "GET", "/api/machines", "")
	for range 2 {
		if a := s.refused(503, "Unavailable", "GET", "/api/machines", ""); a.header.Get("Retry-After") != "7" {
			t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
		}
	}
	s.call(200, "GET", "/api/machines", "")
	s.call(500, "GET", "/api/machines?$top=1", "")
	s.call(500, "GET", "/api/machines?$top=1", "")
	s.call(200, "GET", "/api/indicators", "")
	s.ClearFaults()
	s.call(200, "GET", "/api/machines?$top=1", "")
	s.AddFault(Fault{Op: OpListMachines, Status: 502, Body: "<html>Bad Gateway</html>"})
	if a := s.call(502, "GET", "/api/machines", ""); a.raw != "<html>Bad Gateway</html>" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("%v %s", a.header, a.raw)
	}
}

func TestFaults_effects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  Fault
		status int
		err    error
		exists bool
	}{
		"cut before":   {Fault{Cut: CutBeforeEffect}, 0, syscall.ECONNRESET, false},
		"cut after":    {Fault{Cut: CutAfterEffect}, 0, syscall.ECONNRESET, true},
		"half a body":  {Fault{Cut: CutBody}, 200, io.ErrUnexpectedEOF, true},
		"refused":      {Fault{Status: 429}, 429, nil, false},
		"after effect": {Fault{Status: 503, AfterEffect: true}, 503, nil, true},
		"empty body":   {Fault{Body: " ", AfterEffect: true}, 200, nil, true},
	} {
		s := newTester(t, Options{})
		test.fault.Op = OpSubmitIndicator
		s.AddFault(test.fault)
		a, err := s.send("POST", "/api/indicators", "application/json", body(nil))
		if !errors.Is(err, test.err) || a.status != test.status {
			t.Errorf("%s: %d, %v", name, a.status, err)
		}
		if got := len(s.Indicators()) == 1; got != test.exists {
			t.Errorf("%s: exists %v", name, got)
		}
		if got := s.Count(OpSubmitIndicator); got != 1 {
			t.Errorf("%s: %d calls", name, got)
		}
	}
}

func TestFaults_delay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  Fault
		exists bool
	}{
		"before the effect": {Fault{Delay: time.Minute}, false},
		"after the effect":  {Fault{Delay: time.Minute, AfterEffect: true}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newTester(t, Options{})
			test.fault.Op = OpSubmitIndicator
			s.AddFault(test.fault)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/api/indicators", strings.NewReader(body(nil)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+s.token)
			response, err := s.Transport().RoundTrip(r)
			if err == nil {
				_ = response.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			synctest.Wait()
			if got := len(s.Indicators()) == 1; got != test.exists {
				t.Errorf("%s: exists %v", name, got)
			}
		})
	}
}

func TestFaults_overTheNetwork(t *testing.T) {
	t.Parallel()
	server, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	transport := &http.Transport{DisableKeepAlives: true}
	for _, cut := range []Cut{CutBeforeEffect, CutAfterEffect, CutBody} {
		server.AddFault(Fault{Op: OpListMachines, Cut: cut})
		r := mustRequest(t, server.URL()+"/api/machines")
		r.Header.Set("Authorization", "Bearer "+server.AccessToken())
		response, err := transport.RoundTrip(r)
		if err == nil {
			_, err = io.ReadAll(response.Body)
			_ = response.Body.Close()
		}
		if err == nil {
			t.Errorf("cut %s went unnoticed", cut)
		}
	}
}

func TestToken_faults(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.AddFault(Fault{Op: OpToken, Status: 503, Code: "temporarily_unavailable", Message: "AADSTS90033: try again"})
	if _, got := s.signIn(DefaultTenantID, secretForm(nil)); got != "AADSTS90033: try again" {
		t.Errorf("%q", got)
	}
}
