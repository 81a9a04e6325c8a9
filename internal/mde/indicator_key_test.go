package mde

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNormalizeValue(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, a, b string
		same       bool
	}{
		{TypeFileSHA1, "ABCDEF", "abcdef", true},
		{TypeDomainName, "Evil.Example", "evil.example", true},
		{TypeIPAddress, "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", true},
		{TypeIPAddress, "203.0.113.7", "203.0.113.7", true},
		{TypeIPAddress, "203.0.113.7", "203.0.113.8", false},
		{TypeURL, "HTTPS://Evil.Example/Path", "https://evil.example/Path", true},
		{TypeURL, "https://evil.example/Path", "https://evil.example/path", false},
		{TypeURL, "https://evil.example/", "https://evil.example", true},
		{TypeURL, "https://evil.example?Q=1", "https://EVIL.example?Q=1", true},
		{TypeURL, "https://evil.example?Q=1", "https://evil.example?q=1", false},
	}
	for _, test := range tests {
		if got := NormalizeValue(test.kind, test.a) == NormalizeValue(test.kind, test.b); got != test.same {
			t.Errorf("%s: %q and %q: same = %v", test.kind, test.a, test.b, got)
		}
	}
}

func TestSpellings_coverWhatTheTenantMayHold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ kind, value, want string }{
		{TypeFileSHA256, "abC", "ABC"},
		{TypeFileSHA256, "abC", "abc"},
		{TypeFileSHA256, "abC", "abC"},
		{TypeIPAddress, "2001:db8:0:0:0:0:0:1", "2001:db8::1"},
		{TypeIPAddress, "2001:db8::1", "2001:db8:0:0:0:0:0:1"},
		{TypeIPAddress, "2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"},
		{TypeURL, "https://Evil.example", "https://evil.example/"},
		{TypeDomainName, "Evil.example", "evil.example"},
		{TypeDomainName, "Evil.example", "EVIL.EXAMPLE"},
		{TypeURL, "https://Evil.example/Path", "HTTPS://EVIL.EXAMPLE/Path"},
		{TypeIPAddress, "2001:db8::1", "2001:DB8:0:0:0:0:0:1"},
		{TypeIPAddress, "2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001"},
	} {
		if got := spellings(test.kind, test.value); !slices.Contains(got, test.want) {
			t.Errorf("spellings(%s, %q) = %v lacks %q", test.kind, test.value, got, test.want)
		}
	}
	for _, got := range spellings(TypeURL, "https://evil.example/Path") {
		if !strings.HasSuffix(got, "/Path") {
			t.Errorf("the path of a URL keeps its case: %v", got)
		}
	}
	if got := spellings(TypeIPAddress, "203.0.113.7"); len(got) != 1 {
		t.Errorf("an address without letters has one spelling: %v", got)
	}
}

func TestIndicator_marshalClearsWhatIsNotSet(t *testing.T) {
	t.Parallel()
	expires := time.Date(2027, 1, 2, 4, 4, 5, 600, time.FixedZone("", 3600))
	encoded, err := json.Marshal([]Indicator{
		{ID: "7", IndicatorValue: "2001:db8::1", IndicatorType: TypeIPAddress, Action: ActionBlock, Title: "t", Description: "d", Severity: "High", CreatedBy: "someone"},
		{IndicatorValue: "x", Application: "a", ExpirationTime: &expires, RBACGroupNames: []string{"g"}, GenerateAlert: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"indicatorValue":"2001:0db8:0000:0000:0000:0000:0000:0001","indicatorType":"IpAddress","action":"Block","title":"t","description":"d","severity":"High","expirationTime":null,"recommendedActions":"","educateUrl":"","generateAlert":false,"rbacGroupNames":[]},` +
		`{"indicatorValue":"x","indicatorType":"","action":"","title":"","description":"","severity":"","application":"a","expirationTime":"2027-01-02T03:04:05Z","recommendedActions":"","educateUrl":"","generateAlert":true,"rbacGroupNames":["g"]}]`
	if diff := cmp.Diff(want, string(encoded)); diff != "" {
		t.Error(diff)
	}
}

func TestCanonicalAction(t *testing.T) {
	t.Parallel()
	for old, now := range map[string]string{ActionAlert: ActionAudit, ActionAlertAndBlock: ActionBlockAndRemediate, ActionWarn: ActionWarn, "Later": "Later"} {
		if got := CanonicalAction(old); got != now {
			t.Errorf("CanonicalAction(%s) = %s", old, got)
		}
	}
}
