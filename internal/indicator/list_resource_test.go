package indicator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mde-as-code/terraform-provider-mde/internal/acctest"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

func TestListIndicators(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config map[string]string
		limit  int64
		want   []string
	}{
		"all that can be managed": {nil, 0, []string{"plain.example", "soon.example", "old.example", "https://feed.example/?a=1&b='2'#c"}},
		"limited":                 {nil, 2, []string{"plain.example", "soon.example"}},
		"type":                    {map[string]string{"indicator_type": "Url"}, 0, []string{"https://feed.example/?a=1&b='2'#c"}},
		"what cannot be managed":  {map[string]string{"indicator_type": "WebCategory"}, 0, nil},
		"action":                  {map[string]string{"action": "AlertAndBlock"}, 0, []string{"old.example"}},
		"severity":                {map[string]string{"severity": "High"}, 0, []string{"old.example"}},
		"application":             {map[string]string{"application": "feed & co's"}, 0, []string{"https://feed.example/?a=1&b='2'#c"}},
		"title":                   {map[string]string{"title_prefix": "INC-7"}, 0, []string{"soon.example"}},
		"creator":                 {map[string]string{"created_by": "11111111-0000-0000-0000-000000000000"}, 0, []string{"https://feed.example/?a=1&b='2'#c"}},
		"expiry":                  {map[string]string{"expires_before": "2200-01-01T00:00:00Z"}, 0, []string{"soon.example"}},
		"raw":                     {map[string]string{"filter": "severity eq 'High'"}, 0, []string{"old.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{PageSize: 2})
			ids := n.assorted()
			found, failures := n.List(t, acctest.Query{Type: "mde_indicator", Config: tc.config, Limit: tc.limit})
			if failures != nil {
				t.Fatal(failures)
			}
			var want, got []any
			for _, value := range tc.want {
				want = append(want, map[string]any{"tenant_id": n.Sim.TenantID(), "id": ids[value]})
			}
			for i, one := range found {
				got = append(got, one.Identity)
				if !strings.Contains(one.DisplayName, tc.want[i]) || one.Resource != nil {
					t.Errorf("%q with %v", one.DisplayName, one.Resource)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestListIndicators_resource has the whole state of a record, in which nothing
// is "" that the record does not have: that is what configuration is generated
// from.
func TestListIndicators_resource(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]bool{"null": false, "empty": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, mdesim.Options{EmptyStrings: empty})
			ids := n.assorted()
			found, failures := n.List(t, acctest.Query{Type: "mde_indicator", WithResource: true})
			if failures != nil {
				t.Fatal(failures)
			}
			got := map[string]any{}
			for _, one := range found {
				got[fmt.Sprint(one.Identity["id"])] = one.Resource
			}
			base := func(value string, set map[string]any) map[string]any {
				all := map[string]any{"id": ids[value], "indicator_value": value, "indicator_type": "DomainName", "action": "Block", "title": "seeded", "description": "seeded", "severity": "Informational", "expired": false}
				for name, value := range set {
					all[name] = value
				}
				return all
			}
			soon := n.Sim.Indicators()[slices.IndexFunc(n.Sim.Indicators(), func(i mdesim.Indicator) bool { return i.ExpirationTime != nil })]
			want := map[string]any{}
			for value, set := range map[string]map[string]any{
				"plain.example":                     nil,
				"soon.example":                      {"action": "Warn", "title": "INC-7: phishing", "expiration_time": soon.ExpirationTime.UTC().Format("2006-01-02T15:04:05Z")},
				"old.example":                       {"action": "AlertAndBlock", "severity": "High", "generate_alert": true},
				"https://feed.example/?a=1&b='2'#c": {"indicator_type": "Url", "application": "feed & co's", "rbac_group_names": []any{"Servers"}},
			} {
				want[ids[value]] = base(value, set)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestListIndicators_refuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options mdesim.Options
		config  map[string]string
		want    string
	}{
		"unknown action": {mdesim.Options{}, map[string]string{"action": "block"}, "must be one of"},
		"bad filter":     {mdesim.Options{}, map[string]string{"filter": "description eq 'x'"}, "Could not list indicators"},
		"no permission":  {mdesim.Options{Roles: []string{"Library.Manage"}}, nil, "Could not list indicators"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, tc.options)
			found, failures := n.List(t, acctest.Query{Type: "mde_indicator", Config: tc.config})
			if len(found) != 0 || len(failures) != 1 || !strings.Contains(failures[0], tc.want) {
				t.Errorf("found %v and failed with %q instead of %q", found, failures, tc.want)
			}
		})
	}
}
