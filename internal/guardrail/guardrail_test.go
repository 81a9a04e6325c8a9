package guardrail_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/guardrail"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

func rules(t *testing.T, settings guardrail.Settings) *guardrail.Rules {
	t.Helper()
	r, wrong := guardrail.New(settings)
	for _, err := range wrong {
		t.Errorf("%s %d: %v", err.Rule, err.Index, err)
	}
	return r
}

const sha1 = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"

func TestCheck_protectedValues(t *testing.T) {
	t.Parallel()
	r := rules(t, guardrail.Settings{ProtectedValues: []string{
		"Contoso.com", "login.vendor.example.", "münchen.example",
		"203.0.113.7", "198.51.100.128/25", "2001:DB8::1", "2001:db8:aaaa::/48", "::ffff:192.0.2.0/120",
		strings.ToUpper(sha1),
	}})
	for _, tc := range []struct {
		kind, value, because string
	}{
		{mde.TypeDomainName, "contoso.com", "contoso.com is protected"},
		{mde.TypeDomainName, "CONTOSO.COM.", "contoso.com is protected"},
		{mde.TypeDomainName, "www.a.contoso.com", "contoso.com is protected with its subdomains"},
		{mde.TypeDomainName, "notcontoso.com", ""},
		{mde.TypeDomainName, "contoso.com.evil.example", ""},
		{mde.TypeDomainName, "com", "it includes contoso.com, which is protected"},
		{mde.TypeDomainName, "vendor.example", "it includes login.vendor.example, which is protected"},
		{mde.TypeDomainName, "other.vendor.example", ""},
		{mde.TypeDomainName, "xn--mnchen-3ya.example", "xn--mnchen-3ya.example is protected"},
		{mde.TypeDomainName, "www.MÜNCHEN.example", "xn--mnchen-3ya.example is protected with its subdomains"},

		{mde.TypeURL, "https://contoso.com", "contoso.com is protected"},
		{mde.TypeURL, "HTTPS://user:pass@WWW.Contoso.com:8443/path?q=1", "contoso.com is protected with its subdomains"},
		{mde.TypeURL, "https://evil.example/contoso.com", ""},
		{mde.TypeURL, "https://evil.example?u=https://contoso.com", ""},
		{mde.TypeURL, "https://contoso.com@evil.example/", ""},
		{mde.TypeURL, "https://vendor.example/", "it includes login.vendor.example, which is protected"},
		{mde.TypeURL, "https://vendor.example/malware", ""},
		{mde.TypeURL, "http://203.0.113.7:8080/x", "the address is protected"},
		{mde.TypeURL, "http://[2001:db8:aaaa::5]:80/x", "2001:db8:aaaa::/48 is protected"},

		{mde.TypeURL, "http://3405803783/", "the address is protected"},
		{mde.TypeURL, "http://203.0.28935:80/x", "the address is protected"},
		{mde.TypeURL, "http://0xCB.0.0x71.7/x", "the address is protected"},
		{mde.TypeURL, "http://0313.0.0161.07./x", "the address is protected"},
		{mde.TypeURL, "http://２０３.0.113.7/", "the address is protected"},
		{mde.TypeURL, "http://192.512/", "192.0.2.0/24 is protected"},
		{mde.TypeURL, "http://203.0.113.08/", ""},
		{mde.TypeURL, "http://203.0.113.7.1/", ""},
		{mde.TypeURL, "http://203.0.113.263/", ""},
		{mde.TypeURL, "http://203.0.113.7.example/", ""},
		{mde.TypeURL, "http://8698736647/", ""},

		{mde.TypeIPAddress, "203.0.113.7", "the address is protected"},
		{mde.TypeIPAddress, "203.0.113.8", ""},
		{mde.TypeIPAddress, "::ffff:203.0.113.7", "the address is protected"},
		{mde.TypeIPAddress, "198.51.100.200", "198.51.100.128/25 is protected"},
		{mde.TypeIPAddress, "198.51.100.1", ""},
		{mde.TypeIPAddress, "192.0.2.9", "192.0.2.0/24 is protected"},
		{mde.TypeIPAddress, "2001:0db8:0000:0000:0000:0000:0000:0001", "the address is protected"},
		{mde.TypeIPAddress, "2001:db8:aaab::1", ""},

		{mde.TypeFileSHA1, sha1, "the hash is protected"},
		{mde.TypeCertificateThumbprint, strings.ToUpper(sha1), "the hash is protected"},
		{mde.TypeFileSHA1, strings.Repeat("0", 40), ""},
		{mde.TypeDomainName, "", ""},
		{"", "", ""},
	} {
		var got string
		for _, refusal := range r.Check([]guardrail.Indicator{{Type: tc.kind, Value: tc.value, Action: mde.ActionBlock}}) {
			_, reason, _ := strings.Cut(refusal.Error(), tc.value+" (")
			got, _, _ = strings.Cut(reason, ")")
		}
		if got != tc.because {
			t.Errorf("%s %q: %q, want %q", tc.kind, tc.value, got, tc.because)
		}
	}
}

func TestCheck_actions(t *testing.T) {
	t.Parallel()
	r := rules(t, guardrail.Settings{ProtectedValues: []string{"contoso.com"}, AllowedActions: []string{"Alert", "AlertAndBlock", "Warn"}})
	for action, want := range map[string][]guardrail.Rule{
		"Allowed":           {guardrail.AllowedActions},
		"Audit":             nil,
		"Alert":             nil,
		"Warn":              {guardrail.ProtectedValues},
		"Block":             {guardrail.ProtectedValues, guardrail.AllowedActions},
		"BlockAndRemediate": {guardrail.ProtectedValues},
		"AlertAndBlock":     {guardrail.ProtectedValues},
		"":                  nil,
	} {
		var got []guardrail.Rule
		for _, refusal := range r.Check([]guardrail.Indicator{{Type: mde.TypeDomainName, Value: "contoso.com", Action: action}}) {
			got = append(got, refusal.Rule)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", action, diff)
		}
	}
}

func TestCheck_requireExpiration(t *testing.T) {
	t.Parallel()
	r := rules(t, guardrail.Settings{RequireExpiration: true})
	got := r.Check([]guardrail.Indicator{{Value: "a.example", Expires: true}, {Value: "b.example"}})
	if len(got) != 1 || got[0].Rule != guardrail.RequireExpiration || !cmp.Equal(got[0].Values, []string{"b.example"}) {
		t.Errorf("got %v", got)
	}
}

func TestCheck_namesTheFirstTwenty(t *testing.T) {
	t.Parallel()
	r := rules(t, guardrail.Settings{ProtectedValues: []string{"contoso.com"}})
	var indicators []guardrail.Indicator
	for i := range 23 {
		indicators = append(indicators, guardrail.Indicator{Type: mde.TypeDomainName, Value: fmt.Sprintf("h%02d.contoso.com", i), Action: mde.ActionWarn})
	}
	refusals := r.Check(indicators)
	if len(refusals) != 1 || len(refusals[0].Values) != 23 {
		t.Fatalf("got %v", refusals)
	}
	text := refusals[0].Error()
	for _, want := range []string{"guardrails.protected_values", "h19.contoso.com (contoso.com is protected", "and 3 more", "change protected_values"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "h20") {
		t.Errorf("more than twenty are named:\n%s", text)
	}
	if summary := refusals[0].Summary(); summary != "Refused by guardrails.protected_values" {
		t.Errorf("summary %q", summary)
	}
}

func TestRules_noneBindNothing(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*guardrail.Rules{"nil": nil, "empty": rules(t, guardrail.Settings{})} {
		indicator := mde.Indicator{IndicatorType: mde.TypeDomainName, IndicatorValue: "contoso.com", Action: mde.ActionBlock}
		r.Working()()
		if len(r.Check([]guardrail.Indicator{{Type: mde.TypeDomainName, Value: "contoso.com", Action: mde.ActionBlock}})) > 0 ||
			r.CheckPin(mde.CommandRunScript, "a.ps1", "") != nil || r.PlanRun("k", "m") != nil || r.StartRun("m") != nil ||
			r.PlanDeletions(t.Context(), []mde.Indicator{indicator}, nil) != nil || r.CountDeletions([]mde.Indicator{indicator}) != nil {
			t.Errorf("%s rules bind", name)
		}
	}
}

func TestNew_refusesWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":                      "is empty",
		"https://contoso.com/x": "is a URL: write its host alone",
		"*.contoso.com":         `is a wildcard: write the domain itself, such as "contoso.com"`,
		"203.0.113.0/33":        "is not a range in CIDR notation",
		"contoso.com/24":        "is not a range in CIDR notation",
		"203.0.113":             "is neither a domain",
		"300.1.2.3":             "is neither a domain",
		"contoso":               "is neither a domain",
		sha1[:39]:               "is neither a domain",
		"contoso.com:443":       "is neither a domain",
		"a..contoso.com":        "is neither a domain",
	} {
		_, wrong := guardrail.New(guardrail.Settings{ProtectedValues: []string{"fine.example", value}})
		if len(wrong) != 1 || wrong[0].Index != 1 || wrong[0].Rule != guardrail.ProtectedValues || !strings.Contains(wrong[0].Error(), want) {
			t.Errorf("%q: %v, want %q", value, wrong, want)
		}
	}
	_, wrong := guardrail.New(guardrail.Settings{AllowedActions: []string{"Block", "block"}})
	if len(wrong) != 1 || wrong[0].Index != 1 || !strings.Contains(wrong[0].Error(), `"block" is not an action`) {
		t.Errorf("got %v", wrong)
	}
}

func TestCheckPin(t *testing.T) {
	t.Parallel()
	r := rules(t, guardrail.Settings{RequireSHA256: true})
	for _, tc := range []struct {
		command, sha256 string
		refused         bool
	}{
		{mde.CommandPutFile, "", true},
		{mde.CommandRunScript, "", true},
		{mde.CommandRunScript, "ab", false},
		{mde.CommandGetFile, "", false},
	} {
		refusal := r.CheckPin(tc.command, "tool", tc.sha256)
		if (refusal != nil) != tc.refused {
			t.Errorf("%s with %q: %v", tc.command, tc.sha256, refusal)
		}
	}
}

// TestCheck_scales judges a tenant's worth of values by a tenant's worth of
// rules, which takes minutes if each is held against each.
func TestCheck_scales(t *testing.T) {
	t.Parallel()
	const many = 15_000
	var settings guardrail.Settings
	var indicators []guardrail.Indicator
	for i := range many {
		settings.ProtectedValues = append(settings.ProtectedValues, fmt.Sprintf("d%d.contoso.com", i), fmt.Sprintf("10.%d.%d.0/24", i/256, i%256))
		indicators = append(indicators,
			guardrail.Indicator{Type: mde.TypeDomainName, Value: fmt.Sprintf("a.b.c.d%d.example.com", i), Action: mde.ActionBlock},
			guardrail.Indicator{Type: mde.TypeIPAddress, Value: fmt.Sprintf("172.16.%d.%d", i/256, i%256), Action: mde.ActionBlock})
	}
	began := time.Now()
	if got := rules(t, settings).Check(indicators); len(got) > 0 {
		t.Errorf("refused %d", len(got[0].Values))
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("took %s", took)
	}
}
