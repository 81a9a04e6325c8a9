package indicator

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

func lasting(text string) tfduration.Value {
	return tfduration.Value{StringValue: basetypes.NewStringValue(text)}
}

func TestPlanExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	unknown, null := types.StringUnknown(), types.StringNull()
	living := func(expires, in, renew string) *model {
		return &model{settings: settings{ExpirationTime: text(expires), ExpiresIn: lasting(in), RenewBefore: lasting(renew)}}
	}
	for name, tc := range map[string]struct {
		configured types.String
		plan       settings
		prior      *model
		remembered string
		want       types.String
	}{
		"a time of its own":       {configured: text("2027-01-01T00:00:00Z"), want: text("2027-01-01T00:00:00Z")},
		"no expiry":               {configured: null, prior: living("2027-01-01T00:00:00Z", "", ""), want: null},
		"creation":                {configured: null, plan: settings{ExpiresIn: lasting("30d")}, want: unknown},
		"no change":               {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("2026-12-01T00:00:00Z", "30d", ""), want: text("2026-12-01T00:00:00Z")},
		"another spelling":        {configured: null, plan: settings{ExpiresIn: lasting("720h")}, prior: living("2026-12-01T00:00:00Z", "30d", ""), want: text("2026-12-01T00:00:00Z")},
		"another length":          {configured: null, plan: settings{ExpiresIn: lasting("31d")}, prior: living("2026-12-01T00:00:00Z", "30d", ""), want: unknown},
		"unknown length":          {configured: null, plan: settings{ExpiresIn: tfduration.Value{StringValue: basetypes.NewStringUnknown()}}, prior: living("2026-12-01T00:00:00Z", "30d", ""), want: unknown},
		"expired, not renewed":    {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("2026-11-01T00:00:00Z", "30d", ""), remembered: "2026-11-01T00:00:00Z", want: text("2026-11-01T00:00:00Z")},
		"expired, renewed":        {configured: null, plan: settings{ExpiresIn: lasting("30d"), RenewBefore: lasting("7d")}, prior: living("2026-11-01T00:00:00Z", "30d", "7d"), want: unknown},
		"due":                     {configured: null, plan: settings{ExpiresIn: lasting("30d"), RenewBefore: lasting("7d")}, prior: living("2026-11-28T11:00:00Z", "30d", "7d"), want: unknown},
		"not due":                 {configured: null, plan: settings{ExpiresIn: lasting("30d"), RenewBefore: lasting("7d")}, prior: living("2026-11-28T13:00:00Z", "30d", "7d"), want: text("2026-11-28T13:00:00Z")},
		"changed in the portal":   {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("2030-01-01T00:00:00Z", "30d", ""), remembered: "2026-12-01T00:00:00Z", want: text("2026-12-01T00:00:00Z")},
		"cleared in the portal":   {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("", "30d", ""), remembered: "2026-12-01T00:00:00Z", want: text("2026-12-01T00:00:00Z")},
		"cleared and forgotten":   {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("", "30d", ""), want: unknown},
		"from a time of its own":  {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("2026-12-01T00:00:00Z", "", ""), want: unknown},
		"back to a time":          {configured: text("2027-01-01T00:00:00Z"), prior: living("2026-12-01T00:00:00Z", "30d", ""), remembered: "2026-12-01T00:00:00Z", want: text("2027-01-01T00:00:00Z")},
		"extended beyond its end": {configured: null, plan: settings{ExpiresIn: lasting("30d")}, prior: living("2030-01-01T00:00:00Z", "30d", ""), remembered: "2026-11-01T00:00:00Z", want: text("2030-01-01T00:00:00Z")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var remembered memory
			if expires := instant(text(tc.remembered)); expires != nil {
				remembered.Expires = *expires
			}
			if got := (&model{settings: tc.plan}).planExpiry(tc.configured, tc.prior, remembered, now); !got.Equal(tc.want) {
				t.Errorf("planned %s instead of %s", got, tc.want)
			}
		})
	}
}

func TestFixExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)
	m := model{settings: settings{ExpirationTime: types.StringUnknown(), ExpiresIn: lasting("30d")}}
	m.fixExpiry(nil, memory{}, now)
	if got := m.ExpirationTime.ValueString(); got != "2026-12-21T12:00:00Z" {
		t.Errorf("expires at %s", got)
	}
	m.fixExpiry(nil, memory{}, now.Add(time.Hour))
	if got := m.ExpirationTime.ValueString(); got != "2026-12-21T12:00:00Z" {
		t.Errorf("a second look moved it to %s", got)
	}
}

func TestLifetime_fits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	life := lifetime{in: 10 * time.Hour, renewBefore: 2 * time.Hour}
	for after, want := range map[time.Duration]bool{-time.Hour: false, time.Hour: false, 3 * time.Hour: true, 10 * time.Hour: true, 10*time.Hour + 4*time.Minute: true, 11 * time.Hour: false} {
		expires := now.Add(after)
		if got := life.fits(&expires, now); got != want {
			t.Errorf("an expiry in %s fits: %t", after, got)
		}
	}
	if life.fits(nil, now) {
		t.Error("no expiry fits")
	}
}
