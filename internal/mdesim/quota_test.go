package mdesim

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestQuotas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTester(t, Options{Quotas: DocumentedQuotas()})
		for range 100 {
			s.call(200, "GET", "/api/indicators", "")
		}
		s.Advance(20 * time.Second)
		a := s.refused(429, "TooManyRequests", "GET", "/api/libraryfiles", "")
		if got := a.header.Get("Retry-After"); got != "40" {
			t.Errorf("Retry-After %s", got)
		}
		for range 30 {
			s.call(400, "POST", "/api/indicators/import", `{}`)
			s.call(400, "POST", "/api/indicators/BatchDelete", `{}`)
		}
		s.refused(429, "TooManyRequests", "POST", "/api/indicators/import", `{}`)
		s.refused(429, "TooManyRequests", "POST", "/api/indicators/BatchDelete", `{}`)
		for range 10 {
			s.call(400, "POST", "/api/machines/x/runliveresponse", `{}`)
		}
		s.refused(429, "TooManyRequests", "POST", "/api/machines/x/runliveresponse", `{}`)
		s.Advance(40 * time.Second)
		s.call(200, "GET", "/api/libraryfiles", "")
	})
}

func TestQuotas_hour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTester(t, Options{Quotas: Quotas{RequestsPerHour: 5}, Minute: time.Second, NoRetryAfter: true})
		for range 5 {
			s.call(200, "GET", "/api/machines", "")
			s.Advance(time.Second)
		}
		if a := s.refused(429, "TooManyRequests", "GET", "/api/machines", ""); a.header.Get("Retry-After") != "" {
			t.Error("Retry-After is there")
		}
		s.Advance(55 * time.Second)
		s.call(200, "GET", "/api/machines", "")
		s.refused(429, "TooManyRequests", "GET", "/api/machines", "")
	})
}

func TestWindow_neverAdmitsMoreThanItsLimit(t *testing.T) {
	t.Parallel()
	w := &window{limit: 3, span: time.Minute}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var admitted []int
	for second := range 200 {
		if now := begin.Add(time.Duration(second) * time.Second); w.wait(now) == 0 {
			w.calls = append(w.calls, now)
			admitted = append(admitted, second)
		}
	}
	for i := 3; i < len(admitted); i++ {
		if span := admitted[i] - admitted[i-3]; span < 60 {
			t.Errorf("four calls within %s s", strconv.Itoa(span))
		}
	}
	if len(admitted) != 12 {
		t.Errorf("admitted at %v", admitted)
	}
}
