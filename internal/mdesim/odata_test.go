package mdesim

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"
)

func TestParseFilter(t *testing.T) {
	t.Parallel()
	row := map[string]any{
		"name": "it's a test", "number": 7.0, "flag": true, "none": nil, "tags": []string{"red", "blue"},
		"when": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	known := func(name string) error {
		if _, ok := row[name]; !ok {
			return errors.New("unknown " + name)
		}
		return nil
	}
	for filter, want := range map[string]bool{
		`name eq 'it''s a test'`:             true,
		`name eq 'It''s a test'`:             false,
		`tolower(name) eq 'it''s a test'`:    true,
		`name ne 'x'`:                        true,
		`number gt 6 and number le 7.0`:      true,
		`number lt -1`:                       false,
		`flag`:                               true,
		`flag eq true and not (number eq 7)`: false,
		`not flag or number ge 7`:            true,
		`none eq null`:                       true,
		`none ne null`:                       false,
		`none gt 1`:                          false,
		`none eq 'x'`:                        false,
		`name in ('a', 'it''s a test')`:      true,
		`name in ('a')`:                      false,
		`number in (1,7)`:                    true,
		`tags in ('red')`:                    false,
		`startswith(name,'it') and endswith(name, 'test')`:       true,
		`contains(name,'zzz')`:                                   false,
		`startswith(none,'it')`:                                  false,
		`tags/any(t: t eq 'blue')`:                               true,
		`tags/any(t:startswith(t,'gr'))`:                         false,
		`tags/any(t: t eq 'red') and tags/any(x: x in ('blue'))`: true,
		`tags/any()`:                              true,
		`when gt 2026-01-01T00:00:00Z`:            true,
		`when eq 2026-01-02T03:04:05.0000000Z`:    true,
		`when lt 2026-01-02`:                      false,
		`when ge 2026-01-02T04:04:05+01:00`:       true,
		`(name eq 'x' or number eq 7) and flag`:   true,
		`name eq 'x' or number eq 7 and not flag`: false,
		`number eq '7'`:                           false,
	} {
		matches, err := parseFilter(filter, known)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got := matches(func(name string) any { return row[name] }); got != want {
			t.Errorf("%s: %v", filter, got)
		}
	}
	for _, filter := range []string{
		``, `name` + ` eq`, `name eq 'x`, `name eq 'x')`, `(name eq 'x'`, `foreign eq 'x'`, `name like 'x'`, `name in 'x'`,
		`name in ('a' 'b')`, `length(name) gt 1`, `contains(name)`, `tags/any(t t eq 'x')`, `t eq 'x'`, `name eq "x"`, `name eq 'x' and`,
	} {
		if _, err := parseFilter(filter, known); err == nil {
			t.Errorf("%q is accepted", filter)
		}
	}
}

func seedDomains(t *tester, n int) {
	records := make([]Indicator, n)
	for i := range records {
		records[i] = Indicator{IndicatorValue: fmt.Sprintf("h%d.example", i), Title: fmt.Sprint(i % 3)}
	}
	t.SeedIndicators(records...)
}

func TestList_queries(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{PageSize: 4})
	seedDomains(s, 10)
	get := func(query string) answered { return s.call(200, "GET", "/api/indicators?"+query, "") }

	if got := get("").column("id"); got != "1 2 3 4" {
		t.Errorf("first page: %s", got)
	}
	if a := get("$top=2&$skip=1&$count=true"); a.column("id") != "2 3" || a.json["@odata.count"] != 10.0 || a.json["@odata.nextLink"] != nil {
		t.Errorf("%s", a.raw)
	}
	if got := get("$orderby=indicatorValue+desc&$top=2").column("id"); got != "10 9" {
		t.Errorf("order: %s", got)
	}
	if got := get("$filter=" + url.QueryEscape("title eq '1'") + "&$select=id").raw; got != `{"@odata.context":"http://127.0.0.1/api/$metadata#Indicators","value":[{"id":"2"},{"id":"5"},{"id":"8"}]}` {
		t.Errorf("select: %s", got)
	}

	var ids string
	pages := 0
	for next := "/api/indicators?$top=9"; next != ""; pages++ {
		a := s.call(200, "GET", next, "")
		ids += a.column("id") + " "
		next, _ = a.json["@odata.nextLink"].(string)
	}
	if ids != "1 2 3 4 5 6 7 8 9 " || pages != 3 {
		t.Errorf("%d pages: %s", pages, ids)
	}

	for _, query := range []string{
		"$filter=description+eq+'x'", "$filter=indicatorValue+eq+'https://x/?a=1", "$top=10001", "$top=x", "$skip=-1", "$orderby=id", "$select=nothing", "$expand=x",
	} {
		s.refused(400, "ODataError", "GET", "/api/indicators?"+query, "")
	}
}

func TestList_noNextLink(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{PageSize: 4, NoNextLink: true})
	seedDomains(s, 10)
	if a := s.call(200, "GET", "/api/indicators", ""); len(a.rows()) != 4 || a.json["@odata.nextLink"] != nil {
		t.Errorf("%s", a.raw)
	}
}

func BenchmarkList(b *testing.B) {
	server, err := New(Options{IndicatorCap: 15_000})
	if err != nil {
		b.Fatal(err)
	}
	records := make([]Indicator, 15_000)
	for i := range records {
		records[i] = Indicator{IndicatorValue: fmt.Sprintf("h%d.example", i)}
	}
	server.SeedIndicators(records...)
	request := func(query string) *request {
		return &request{http: mustRequest(b, server.URL()+"/api/indicators?"+query), base: server.URL()}
	}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			server.listIndicators(request(""))
		}
	})
	b.Run("by value", func(b *testing.B) {
		for b.Loop() {
			server.listIndicators(request("$filter=" + url.QueryEscape("indicatorValue eq 'h77.example'")))
		}
	})
}
