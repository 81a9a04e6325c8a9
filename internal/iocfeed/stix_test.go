package iocfeed_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
)

type object map[string]any

// indicator is a STIX indicator with that pattern and other properties.
func indicator(id, pattern string, others ...object) object {
	o := object{"type": "indicator", "spec_version": "2.1", "id": "indicator--" + id, "name": "T", "pattern": pattern, "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}
	for _, other := range others {
		for name, value := range other {
			o[name] = value
		}
	}
	return o
}

func bundle(t testing.TB, objects ...object) string {
	t.Helper()
	text, err := json.Marshal(object{"type": "bundle", "id": "bundle--1", "objects": objects})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSTIX_patterns(t *testing.T) {
	t.Parallel()
	md5 := strings.Repeat("b", 32)
	for pattern, want := range map[string]map[string]string{
		"[file:hashes.'SHA-256' = '" + sha256A + "']":                                                  {"Block/Informational/never": strings.ToLower(sha256A)},
		"[file:hashes.\"SHA-256\" = 'x']":                                                              nil,
		"[file:hashes.SHA256='" + sha256A + "']":                                                       {"Block/Informational/never": strings.ToLower(sha256A)},
		"[file:hashes.MD5 = '" + md5 + "' OR file:hashes.'SHA-1' = '" + sha1A + "']":                   {"Block/Informational/never": sha1A + " " + md5},
		"[x509-certificate:hashes.'SHA-1' = '" + sha1A + "']":                                          {"Block/Informational/never/type=CertificateThumbprint": sha1A},
		"[ipv4-addr:value = '203.0.113.7'] OR [ipv6-addr:value = '2001:db8::7']":                       {"Block/Informational/never": "2001:0db8:0000:0000:0000:0000:0000:0007 203.0.113.7"},
		"([domain-name:value = 'A.example']) OR ([url:value = 'https://a.example/it\\'s?x=[1]\\\\']) ": {"Block/Informational/never": "a.example https://a.example/it's?x=[1]\\"},
		"[domain-name:value IN ('a.example', 'b.example')]":                                            {"Block/Informational/never": "a.example b.example"},
		"[(domain-name:value = 'a.example' OR (domain-name:value == 'b.example'))]":                    {"Block/Informational/never": "a.example b.example"},
		"[domain-name:value = 'a.example' OR email-addr:value = 'a@b.example']":                        {"Block/Informational/never": "a.example"},
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			result := read(t, iocfeed.STIX, bundle(t, indicator("1", pattern)), iocfeed.Overrides{Action: ptr("Block"), Title: ptr("All")})
			got := map[string]string{}
			for key, group := range result.Groups {
				got[key] = strings.Join(sortedKeys(group.Indicators), " ")
			}
			if want == nil {
				want = map[string]string{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff, result.Skipped)
			}
		})
	}
}

func TestSTIX_skipped(t *testing.T) {
	t.Parallel()
	const a, b = "domain-name:value = 'a.example'", "url:value = 'https://b.example'"
	for want, skipped := range map[string]object{
		"(AND)":                          indicator("1", "["+a+" AND "+b+"]"),
		"AND":                            indicator("1", "["+a+"] AND ["+b+"]"),
		"(FOLLOWEDBY), and an indicator": indicator("1", "["+a+"] FOLLOWEDBY ["+b+"]"),
		"WITHIN 5 SECONDS":               indicator("1", "(["+a+"] OR ["+b+"]) WITHIN 5 SECONDS"),
		"REPEATS 3 TIMES":                indicator("1", "["+a+"] REPEATS 3 TIMES"),
		"START t'2026":                   indicator("1", "["+a+"] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'"),
		"with !=":                        indicator("1", "[domain-name:value != 'a.example']"),
		"with NOT =":                     indicator("1", "[domain-name:value NOT = 'a.example']"),
		"with LIKE":                      indicator("1", "[domain-name:value LIKE '%.example']"),
		"with MATCHES":                   indicator("1", "[url:value MATCHES '^https']"),
		"with >":                         indicator("1", "[file:size > 1000]"),
		"asks whether file:name exists":  indicator("1", "[EXISTS file:name]"),
		"matches email-addr:value":       indicator("1", "[email-addr:value = 'a@b.example']"),
		"matches file:hashes.'SHA-512'":  indicator("1", "[file:hashes.'SHA-512' = 'ab']"),
		"matches file:name":              indicator("1", "[file:name = 'a.exe']"),
		"range":                          indicator("1", "[ipv4-addr:value = '10.0.0.0/8']"),
		"revoked":                        indicator("1", "["+a+"]", object{"revoked": true}),
		`written in "yara"`:              indicator("1", "rule x {}", object{"pattern_type": "yara"}),
		"cannot be read: it is empty":    indicator("1", ""),
		"it ends where":                  indicator("1", "["+a),
		`"]" stands where`:               indicator("1", "[]"),
		`"domain-name:value" stands`:     indicator("1", a),
		"the end belongs":                indicator("1", "["+a+"] ["+b+"]"),
		"nested more than":               indicator("1", strings.Repeat("(", 100)+"["+a+"]"),
		"text in quotation marks":        indicator("1", "[domain-name:value = 5]"),
		`the type "domain-name" is no`:   {"type": "domain-name", "id": "indicator--1", "value": "a.example"},
		`the type "x-acme" is no`:        {"type": "x-acme", "id": "indicator--1", "name": object{"en": "x"}, "labels": "x", "modified": 1, "revoked": "no"},
		`property labels cannot be of the JSON type "string"`: indicator("1", "["+a+"]", object{"labels": "x"}),
		`property name cannot be of the JSON type "object"`:   indicator("1", "["+a+"]", object{"name": object{"en": "x"}}),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			result := read(t, iocfeed.STIX, bundle(t, object{"type": "identity", "id": "identity--1", "name": "Us"}, skipped), iocfeed.Overrides{Action: ptr("Block")})
			if len(result.Groups) > 0 || len(result.Skipped) != 1 {
				t.Fatalf("groups %q, skipped %v", keys(result), result.Skipped)
			}
			if skip := result.Skipped[0]; skip.Row != 2 || !strings.HasPrefix(skip.Reason, "indicator--1: ") || !strings.Contains(skip.Reason, want) {
				t.Errorf("row %d: %s", skip.Row, skip.Reason)
			}
		})
	}
}

func TestSTIX_properties(t *testing.T) {
	t.Parallel()
	text := bundle(t,
		indicator("1", "[domain-name:value = 'a.example']", object{"name": "Campaign", "description": "Portal", "labels": []string{"phishing"}, "indicator_types": []string{"malicious-activity"}, "valid_until": "2026-12-31T00:00:00.000Z"}),
		indicator("2", "[domain-name:value = 'old.example']", object{"name": "Campaign", "modified": "2026-01-01T00:00:00Z"}),
		indicator("2", "[domain-name:value = 'new.example']", object{"name": "Campaign", "modified": "2026-02-01T00:00:00Z"}),
	)
	result := read(t, iocfeed.STIX, text, iocfeed.Overrides{Action: ptr("Warn"), Severity: ptr("High")})
	want := map[string]map[string]string{
		"Warn/High/2026-12-31/Campaign": {"a.example": "Portal [malicious-activity, phishing]"},
		"Warn/High/never/Campaign":      {"new.example": ""},
	}
	if diff := cmp.Diff(want, outline(result)); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(reasons(result), "indicator--2: object 3 is a newer version") {
		t.Error(reasons(result))
	}
}

// TestSTIX_foreignObjects has a bundle hold what no indicator can be made of: it
// costs the indicators beside it nothing.
func TestSTIX_foreignObjects(t *testing.T) {
	t.Parallel()
	const one = `{"type": "indicator", "id": "indicator--1", "name": "T", "pattern": "[domain-name:value = 'a.example']"}`
	for foreign, reason := range map[string]string{
		`{"type": "x-acme", "id": "x-acme--1", "name": {"en": "x"}}`: `x-acme--1: an object of the type "x-acme" is no indicator`,
		`{"type": "x-acme", "labels": "x", "modified": 1}`:           `an object of the type "x-acme" is no indicator`,
		`{"type": {}, "id": 5}`:                                      `an object of the type "" is no indicator`,
		`5`:                                                          `an object of the type "" is no indicator`,
		`{"type": "identity", "id": "identity--1", "name": 5}`:               "",
		`{"type": "indicator", "id": "indicator--2", "indicator_types": {}}`: `indicator--2: its property indicator_types cannot be of the JSON type "object"`,
	} {
		result := read(t, iocfeed.STIX, `{"type": "bundle", "objects": [`+foreign+`, `+one+`]}`, iocfeed.Overrides{Action: ptr("Block")})
		if diff := cmp.Diff(map[string]map[string]string{"Block/Informational/never/T": {"a.example": ""}}, outline(result)); diff != "" {
			t.Errorf("%s: %s", foreign, diff)
		}
		if got := strings.TrimSpace(reasons(result)); got != reason {
			t.Errorf("%s: skipped because %q, want %q", foreign, got, reason)
		}
	}
}

// TestSTIX_holdsNothing reads what a TAXII server answers that finds nothing.
func TestSTIX_holdsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"more": false}`, `{"more": true, "next": "2"}`, `{"objects": []}`, `{"type": "bundle", "id": "bundle--1"}`} {
		if result := read(t, iocfeed.STIX, text, iocfeed.Overrides{}); len(result.Groups)+len(result.Skipped) > 0 {
			t.Errorf("%s: %v", text, result)
		}
	}
}

func TestSTIX_mistakes(t *testing.T) {
	t.Parallel()
	action := iocfeed.Overrides{Action: ptr("Block")}
	for name, tc := range map[string]struct {
		text      string
		overrides iocfeed.Overrides
		wants     []string
	}{
		"no JSON":      {"{\n\"type\": bundle}", action, []string{"line 2", "JSON"}},
		"cut off":      {`{"type":`, action, []string{"JSON"}},
		"another type": {`{"type": "report"}`, action, []string{"no STIX bundle"}},
		"a list":       {`[]`, action, []string{"no STIX bundle"}},
		"empty JSON":   {`{}`, action, []string{"no STIX bundle"}},
		"other JSON":   {`{"more": false, "name": "x"}`, action, []string{"no STIX bundle"}},
		"null":         {`null`, action, []string{"no STIX bundle"}},
		"no action":    {bundle(t, indicator("1", "[domain-name:value = 'a.example']")), iocfeed.Overrides{}, []string{"object 1 (indicator--1)", "action", "overrides"}},
		"no name":      {bundle(t, indicator("1", "[domain-name:value = 'a.example']", object{"name": ""})), action, []string{"object 1 (indicator--1), property name", "overrides"}},
		"bad time":     {bundle(t, indicator("1", "[domain-name:value = 'a.example']", object{"valid_until": "soon"})), action, []string{"object 1 (indicator--1), property valid_until", `"soon"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := iocfeed.STIX(tc.text, checked(t, tc.overrides), rules())
			fails(t, err, tc.wants...)
		})
	}
}

// manyObjects is a bundle of that many indicators.
func manyObjects(t testing.TB, count int) string {
	t.Helper()
	objects := make([]object, count)
	for i := range objects {
		objects[i] = indicator(fmt.Sprint(i), fmt.Sprintf("[domain-name:value = 'h%d.example']", i))
	}
	return bundle(t, objects...)
}

func TestSTIX_largestList(t *testing.T) {
	t.Parallel()
	result := read(t, iocfeed.STIX, manyObjects(t, 15_000), iocfeed.Overrides{Action: ptr("Block")})
	if got := len(result.Groups["Block/Informational/never/T"].Indicators); got != 15_000 {
		t.Errorf("%d indicators", got)
	}
}

func BenchmarkSTIX(b *testing.B) {
	text := manyObjects(b, 15_000)
	for b.Loop() {
		if _, err := iocfeed.STIX(text, iocfeed.Overrides{Action: ptr("Block")}, rules()); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzSTIX(f *testing.F) {
	f.Add("[file:hashes.'SHA-256' = 'a' OR (ipv4-addr:value IN ('1.1.1.1', '2.2.2.2') AND NOT url:value LIKE '%')]")
	f.Add("([a:b = 'c'] AND [d:e > 5]) FOLLOWEDBY [f:g MATCHES 'h'] WITHIN 5 SECONDS START t'x' STOP t'y'")
	f.Add("[EXISTS x:y] OR [[(]")
	f.Add("['")
	f.Fuzz(func(t *testing.T, pattern string) {
		action := "Block"
		result, err := iocfeed.STIX(bundle(t, indicator("1", pattern)), iocfeed.Overrides{Action: &action}, rules())
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Groups)+len(result.Skipped) == 0 {
			t.Errorf("%q was dropped", pattern)
		}
	})
}
