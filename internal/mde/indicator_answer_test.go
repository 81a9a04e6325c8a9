package mde

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestIndicatorAnswer_forms reads what one source or another says that a record
// looks like.
func TestIndicatorAnswer_forms(t *testing.T) {
	t.Parallel()
	expires := time.Date(2027, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	full := Indicator{ID: "5142", Severity: "Informational", Application: "a", ExpirationTime: &expires, GenerateAlert: true, RBACGroupNames: []string{"a", "b"}}
	for body, want := range map[string]Indicator{
		`{"id":"5142","application":"a","expirationTime":"2027-01-02T03:04:05.678Z","generateAlert":true,"rbacGroupNames":["a","b"]}`: full,
		`{"id":5142,"application":"a","expirationTime":"2027-01-02T03:04:05.6780000","generateAlert":"True","rbacGroupNames":"a, b"}`: full,
		`{"id":"5142","application":null,"expirationTime":null,"generateAlert":null,"rbacGroupNames":null,"severity":null}`:           {ID: "5142", Severity: "Informational"},
		`{"id":"5142","expirationTime":"","generateAlert":"False","rbacGroupNames":"","creationTimeDateTimeUtc":""}`:                  {ID: "5142", Severity: "Informational"},
		`{"id":"5142","expirationTime":"0001-01-01T00:00:00","rbacGroupNames":[],"rbacGroupIds":["7"],"somethingNew":{"a":[1]}}`:      {ID: "5142", Severity: "Informational", RBACGroupNames: []string{}},
		`{"id":"5142","severity":"","action":"Audit","generateAlert":null}`:                                                           {ID: "5142", Severity: "Informational", Action: "Audit", GenerateAlert: true},
		`{"id":"5142","action":"audit"}`:                                              {ID: "5142", Severity: "Informational", Action: "Audit", GenerateAlert: true},
		`{"id":"5142","action":"ALERTANDBLOCK"}`:                                      {ID: "5142", Severity: "Informational", Action: "AlertAndBlock", GenerateAlert: true},
		`{"id":"5142","severity":"Low","action":"Audit","generateAlert":false}`:       {ID: "5142", Severity: "Low", Action: "Audit"},
		`{"indicatorType":"WebCategory","action":"Quarantine","severity":"Critical"}`: {IndicatorType: "WebCategory", Action: "Quarantine", Severity: "Critical"},
	} {
		var got indicatorAnswer
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if diff := cmp.Diff(want, got.indicator()); diff != "" {
			t.Errorf("%s:\n%s", body, diff)
		}
	}
	for _, body := range []string{`{"expirationTime":"tomorrow"}`, `{"generateAlert":7}`, `{"rbacGroupNames":7}`} {
		var got indicatorAnswer
		if err := json.Unmarshal([]byte(body), &got); err == nil {
			t.Errorf("%s is read as %+v", body, got.indicator())
		}
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"Evil.Example", "EVIL.EXAMPLE", true},
		{"evil.example", "evil.example.", true},
		{"münchen.example", "xn--mnchen-3ya.example", true},
		{"evil.example", "evils.example", false},
		{"https://evil.example/A?q='x'", "https://evil.example/a?q=%27x%27", true},
		{"https://evil.example", "evil.example/", true},
		{"https://evil.example/a", "https://evil.example/b", false},
		{"2001:db8::7", "2001:DB8:0:0:0:0:0:7", true},
		{"2001:db8::7", "2001:db8::8", false},
		{"203.0.113.7", "203.0.113.70", false},
		{"100%", "100%", true},
		{"ABCDEF", "abcdef", true},
	} {
		if got := Alike(test.a, test.b); got != test.want {
			t.Errorf("Alike(%q, %q) = %t", test.a, test.b, got)
		}
	}
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	items := []Indicator{
		{IndicatorType: TypeDomainName, IndicatorValue: "A.example"},
		{IndicatorType: TypeIPAddress, IndicatorValue: "2001:db8::7"},
		{IndicatorType: TypeURL, IndicatorValue: "https://evil.example/x"},
	}
	for name, tc := range map[string]struct {
		answers []importResult
		want    []string // "" is no answer
	}{
		"as sent":         {[]importResult{{ID: "1", Indicator: "A.example"}, {ID: "2", Indicator: "2001:0db8:0000:0000:0000:0000:0000:0007"}, {ID: "3", Indicator: "https://evil.example/x"}}, []string{"1", "2", "3"}},
		"another order":   {[]importResult{{ID: "3", Indicator: "HTTPS://evil.example/X/"}, {ID: "1", Indicator: "a.example"}, {ID: "2", Indicator: "2001:db8::7"}}, []string{"1", "2", "3"}},
		"without values":  {[]importResult{{ID: "1"}, {ID: "2"}, {ID: "3"}}, []string{"1", "2", "3"}},
		"some without":    {[]importResult{{ID: "1"}, {ID: "2", Indicator: "2001:db8::7"}, {ID: "3"}}, []string{"", "2", ""}},
		"too few":         {[]importResult{{ID: "1"}, {ID: "2"}}, []string{"", "", ""}},
		"not to be told":  {[]importResult{{ID: "1", Indicator: "a.example."}, {ID: "9", Indicator: "A.example/"}, {ID: "2", Indicator: "2001:db8::7"}}, []string{"", "2", ""}},
		"something other": {[]importResult{{ID: "1", Indicator: "b.example"}}, []string{"", "", ""}},
	} {
		find := matcher(tc.answers, len(items))
		for n, item := range items {
			if one, _ := find(n, item); string(one.ID) != tc.want[n] {
				t.Errorf("%s: item %d has the answer %q, want %q", name, n, one.ID, tc.want[n])
			}
		}
	}
}

// TestRounds has values that an answer to an import cannot tell apart travel in
// different ones.
func TestRounds(t *testing.T) {
	t.Parallel()
	const digits = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
	of := func(indicatorType, value, action string) Indicator {
		return Indicator{IndicatorType: indicatorType, IndicatorValue: value, Action: action}
	}
	for name, tc := range map[string]struct {
		items []Indicator
		want  [][]int
	}{
		"nothing":               {nil, nil},
		"different":             {[]Indicator{of(TypeDomainName, "a.example", "Block"), of(TypeDomainName, "b.example", "Block")}, [][]int{{0, 1}}},
		"actions of one value":  {[]Indicator{of(TypeDomainName, "a.example", "Block"), of(TypeDomainName, "b.example", "Block"), of(TypeDomainName, "A.example", "Warn"), of(TypeDomainName, "a.example", "Audit")}, [][]int{{0, 1}, {2}, {3}}},
		"a hash, a thumbprint":  {[]Indicator{of(TypeFileSHA1, digits, "Block"), of(TypeCertificateThumbprint, digits, "Block")}, [][]int{{0}, {1}}},
		"spellings of one IPv6": {[]Indicator{of(TypeIPAddress, "2001:db8::7", "Block"), of(TypeIPAddress, "2001:DB8:0::7", "Warn")}, [][]int{{0}, {1}}},
	} {
		got := rounds(tc.items)
		if !slices.EqualFunc(got, tc.want, slices.Equal) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
