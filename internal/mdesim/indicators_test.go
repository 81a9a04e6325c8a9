package mdesim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// body is an indicator as JSON, with some properties changed; nil drops one.
func body(changes map[string]any) string {
	properties := map[string]any{"indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Block", "title": "t", "description": "d"}
	for name, value := range changes {
		properties[name] = value
		if value == nil {
			delete(properties, name)
		}
	}
	text, _ := json.Marshal(properties)
	return string(text)
}

func TestSubmitIndicator_upserts(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	created := s.call(200, "POST", "/api/indicators", body(map[string]any{"application": "first", "severity": "High"})).json
	s.Advance(time.Minute)
	updated := s.call(200, "POST", "/api/indicators", body(map[string]any{"application": "second", "title": "new", "indicatorValue": "EVIL.example"})).json
	other := s.call(200, "POST", "/api/indicators", body(map[string]any{"action": "Allowed"})).json
	if updated["id"] != created["id"] || updated["creationTimeDateTimeUtc"] != created["creationTimeDateTimeUtc"] || updated["application"] != "first" {
		t.Errorf("updated: %v", updated)
	}
	if updated["title"] != "new" || updated["severity"] != "Informational" || updated["lastUpdatedBy"] != DefaultClientID || created["lastUpdatedBy"] != nil {
		t.Errorf("updated: %v", updated)
	}
	if other["id"] == created["id"] || len(s.Indicators()) != 2 {
		t.Errorf("another action is another record: %v", other)
	}
}

func TestSubmitIndicator_refuses(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	s.FailItems("failing.example")
	sha1 := strings.Repeat("a", 40)
	for name, test := range map[string]struct {
		changes map[string]any
		code    string
	}{
		"empty value":      {map[string]any{"indicatorValue": ""}, "InvalidInput"},
		"no value":         {map[string]any{"indicatorValue": nil}, "MissingRequiredParameter"},
		"no title":         {map[string]any{"title": nil}, "MissingRequiredParameter"},
		"no description":   {map[string]any{"description": nil}, "MissingRequiredParameter"},
		"wrong case":       {map[string]any{"Severity": "Low"}, "InvalidRequestBody"},
		"wrong JSON type":  {map[string]any{"generateAlert": "true"}, "InvalidRequestBody"},
		"groups as text":   {map[string]any{"rbacGroupNames": "a,b"}, "InvalidRequestBody"},
		"unknown type":     {map[string]any{"indicatorType": "WebCategory"}, "InvalidRequestBody"},
		"unknown action":   {map[string]any{"action": "Allow"}, "InvalidRequestBody"},
		"unknown severity": {map[string]any{"severity": "low"}, "InvalidRequestBody"},
		"silent audit":     {map[string]any{"action": "Audit"}, "InvalidInput"},
		"past expiry":      {map[string]any{"expirationTime": "2020-01-01T00:00:00Z"}, "InvalidInput"},
		"white space":      {map[string]any{"indicatorValue": "evil.example "}, "InvalidDomainName"},
		"wildcard":         {map[string]any{"indicatorValue": "*.evil.example"}, "InvalidDomainName"},
		"short hash":       {map[string]any{"indicatorType": "FileSha1", "indicatorValue": sha1[1:]}, "InvalidHashValue"},
		"no hex":           {map[string]any{"indicatorType": "FileSha1", "indicatorValue": "z" + sha1[1:]}, "InvalidHashValue"},
		"network":          {map[string]any{"indicatorType": "IpAddress", "indicatorValue": "10.0.0.0/8"}, "InvalidIpAddress"},
		"short IPv6":       {map[string]any{"indicatorType": "IpAddress", "indicatorValue": "2001:db8::1"}, "InvalidIpAddress"},
		"bad URL":          {map[string]any{"indicatorType": "Url", "indicatorValue": "https://a b"}, "InvalidUrl"},
		"failing":          {map[string]any{"indicatorValue": "failing.example"}, "InvalidInput"},
	} {
		if a := s.call(400, "POST", "/api/indicators", body(test.changes)); a.code() != test.code {
			t.Errorf("%s: %s, want %s", name, a.raw, test.code)
		}
	}
	s.refused(400, "InvalidRequestBody", "POST", "/api/indicators", `[]`)
	s.refused(400, "InvalidRequestBody", "POST", "/api/indicators", `{`)
	for kind, value := range map[string]string{
		"FileMd5": strings.Repeat("A", 32), "FileSha1": sha1, "FileSha256": strings.Repeat("0", 64), "CertificateThumbprint": sha1,
		"IpAddress": "2001:db8:0:0:0:0:0:1", "DomainName": "a-b.example", "Url": "https://evil.example/a?b=c#d",
	} {
		s.call(200, "POST", "/api/indicators", body(map[string]any{"indicatorType": kind, "indicatorValue": value}))
	}
}

func TestIndicators_sameValue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kind, one, two string
		same           bool
	}{
		"hash case":   {"FileSha1", strings.Repeat("a", 40), strings.Repeat("A", 40), true},
		"IPv6":        {"IpAddress", "2001:db8:0:0:0:0:0:1", "2001:0DB8:0:0:0:0:0:0001", true},
		"URL host":    {"Url", "https://EVIL.example/Path", "https://evil.example/Path", true},
		"URL path":    {"Url", "https://evil.example/path", "https://evil.example/Path", false},
		"other value": {"DomainName", "a.example", "b.example", false},
	} {
		s := newTester(t, Options{})
		for _, value := range []string{test.one, test.two} {
			s.call(200, "POST", "/api/indicators", body(map[string]any{"indicatorType": test.kind, "indicatorValue": value}))
		}
		if got := len(s.Indicators()) == 1; got != test.same {
			t.Errorf("%s: same %v", name, got)
		}
	}
}

func TestIndicators_expire(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	expires := s.Now().Add(time.Hour).Truncate(time.Second).Format(time.RFC3339)
	a := s.call(200, "POST", "/api/indicators", body(map[string]any{"expirationTime": expires}))
	if a.json["expirationTime"] != expires {
		t.Errorf("expires %v, want %s", a.json["expirationTime"], expires)
	}
	s.Advance(time.Hour - 2*time.Second)
	s.call(200, "GET", "/api/indicators/1", "")
	s.Advance(3 * time.Second)
	s.refused(404, "ResourceNotFound", "GET", "/api/indicators/1", "")
	if got := s.call(200, "GET", "/api/indicators", "").rows(); len(got) != 0 {
		t.Errorf("listed: %v", got)
	}
	s.call(200, "POST", "/api/indicators", body(nil))
	if got := s.Indicators(); len(got) != 1 || got[0].ID != "2" {
		t.Errorf("created again: %v", got)
	}
}

func TestImportIndicators(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{IndicatorCap: 3})
	s.FailItems("b.example")
	item := func(value string) string { return body(map[string]any{"indicatorValue": value}) }
	batch := func(values ...string) string {
		items := make([]string, len(values))
		for i, value := range values {
			items[i] = item(value)
		}
		return `{"Indicators":[` + strings.Join(items, ",") + `]}`
	}
	a := s.call(200, "POST", "/api/indicators/import", batch("a.example", "b.example", "A.example", "*.example", "c.example", "d.example", "e.example"))
	var got []string
	for _, row := range a.rows() {
		got = append(got, fmt.Sprintf("%v %v %v %v", row["id"], row["indicator"], row["isFailed"], row["failureReason"]))
	}
	want := []string{
		"1 a.example false <nil>",
		"<nil> b.example true The indicator 'b.example' was refused.",
		"1 A.example false <nil>",
		"<nil> *.example true The domain name '*.example' is not valid.",
		"2 c.example false <nil>",
		"3 d.example false <nil>",
		"<nil> e.example true Max capacity exceeded: the tenant holds 3 indicators.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.refused(400, "BadRequest", "POST", "/api/indicators", item("f.example"))
	s.refused(400, "MissingRequiredParameter", "POST", "/api/indicators/import", `{"Indicators":[]}`)
	s.refused(400, "InvalidRequestBody", "POST", "/api/indicators/import", `{"indicators":[]}`)
	s.refused(400, "MaximumBatchSizeExceeded", "POST", "/api/indicators/import", batch(make([]string, 501)...))
}

func TestBatchDeleteIndicators(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	seedDomains(s, 4)
	s.refused(404, "ResourceNotFound", "POST", "/api/indicators/BatchDelete", `{"IndicatorIds":["1","99"]}`)
	s.refused(400, "BadRequest", "POST", "/api/indicators/BatchDelete", `{"IndicatorIds":["1","x"]}`)
	s.refused(400, "MissingRequiredParameter", "POST", "/api/indicators/BatchDelete", `{"IndicatorIds":[]}`)
	if got := len(s.Indicators()); got != 4 {
		t.Fatalf("%d left", got)
	}
	if a := s.call(204, "POST", "/api/indicators/BatchDelete", `{"IndicatorIds":["1","3","3"]}`); a.raw != "" {
		t.Errorf("body %q", a.raw)
	}
	if got := s.call(200, "GET", "/api/indicators", "").column("id"); got != "2 4" {
		t.Errorf("left: %s", got)
	}
}

func TestIndicators_options(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("aB", 20)
	s := newTester(t, Options{HashCase: CaseRaised, ModerniseActions: true, DeleteStatus: 200, NoGetByID: true, VisibilityLag: time.Minute, EmptyStrings: true})
	a := s.call(200, "POST", "/api/indicators", body(map[string]any{"indicatorType": "FileSha1", "indicatorValue": hash, "action": "AlertAndBlock"}))
	if a.json["indicatorValue"] != strings.ToUpper(hash) || a.json["action"] != "BlockAndRemediate" || a.json["generateAlert"] != true || a.json["educateUrl"] != "" {
		t.Errorf("%s", a.raw)
	}
	s.refused(404, "NotFound", "GET", "/api/indicators/1", "")
	if got := s.call(200, "GET", "/api/indicators", "").rows(); len(got) != 0 {
		t.Errorf("listed too early: %v", got)
	}
	s.Advance(time.Minute)
	if got := s.call(200, "GET", "/api/indicators", "").column("id"); got != "1" {
		t.Errorf("listed: %s", got)
	}
	s.call(200, "DELETE", "/api/indicators/1", "")
	s.refused(404, "ResourceNotFound", "DELETE", "/api/indicators/1", "")
}

func TestIndicators_keyOptions(t *testing.T) {
	t.Parallel()
	alias := map[string]any{"action": "AlertAndBlock"}
	modern := map[string]any{"action": "BlockAndRemediate"}
	groups := map[string]any{"action": "BlockAndRemediate", "rbacGroupNames": []string{"b", "a"}}
	again := map[string]any{"action": "BlockAndRemediate", "rbacGroupNames": []string{"a", "b"}}
	for name, test := range map[string]struct {
		options Options
		want    string
	}{"recorded": {want: "1111"}, "literal actions": {Options{LiteralActions: true}, "1222"}, "groups": {Options{GroupsInKey: true}, "1122"}} {
		s, got := newTester(t, test.options), ""
		for _, fields := range []map[string]any{alias, modern, groups, again} {
			id, _ := s.call(200, "POST", "/api/indicators", body(fields)).json["id"].(string)
			got += id
		}
		if got != test.want {
			t.Errorf("%s: the ids are %s instead of %s", name, got, test.want)
		}
	}
}

func TestIndicators_deletionLag(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{DeletionLag: time.Minute})
	s.call(200, "POST", "/api/indicators", body(nil))
	s.call(204, "POST", "/api/indicators/BatchDelete", `{"IndicatorIds":["1","1"]}`)
	s.refused(404, "ResourceNotFound", "GET", "/api/indicators/1", "")
	s.refused(404, "ResourceNotFound", "DELETE", "/api/indicators/1", "")
	if a := s.call(200, "POST", "/api/indicators", body(nil)); a.json["id"] != "2" {
		t.Errorf("a deleted record has its key still: %s", a.raw)
	}
	for _, want := range []string{"1 2", "2"} {
		if got := s.call(200, "GET", "/api/indicators", "").column("id"); got != want {
			t.Errorf("listed: %s instead of %s", got, want)
		}
		s.Advance(time.Minute)
	}
}

func TestIndicators_ownOnly(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{OwnIndicatorsOnly: true})
	s.SeedIndicators(Indicator{IndicatorValue: "evil.example"})
	s.call(200, "POST", "/api/indicators", body(map[string]any{"indicatorValue": "mine.example"}))
	if got := s.call(200, "GET", "/api/indicators", "").column("indicatorValue"); got != "mine.example" {
		t.Errorf("listed: %s", got)
	}
	s.refused(404, "ResourceNotFound", "GET", "/api/indicators/1", "")
	s.refused(404, "ResourceNotFound", "DELETE", "/api/indicators/1", "")
	if a := s.call(200, "POST", "/api/indicators", body(nil)); a.json["id"] != "1" || a.json["createdBy"] != otherOwner {
		t.Errorf("an invisible record is still the one with the key: %s", a.raw)
	}
}

func TestSeedIndicators_drift(t *testing.T) {
	t.Parallel()
	s := newTester(t, Options{})
	ids := s.SeedIndicators(Indicator{IndicatorValue: "evil.example", ID: "41"}, Indicator{IndicatorValue: "x.example"})
	if diff := cmp.Diff([]string{"41", "42"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	s.EditIndicator("41", func(i *Indicator) { i.Action, i.Title = "Warn", "portal" })
	if a := s.call(200, "POST", "/api/indicators", body(map[string]any{"action": "Warn"})); a.json["id"] != "41" {
		t.Errorf("the key has moved: %s", a.raw)
	}
	s.RemoveIndicator("41")
	s.RemoveIndicator("41")
	if a := s.call(200, "POST", "/api/indicators", body(nil)); a.json["id"] != "43" {
		t.Errorf("%s", a.raw)
	}
}
