package indicator

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

// lifetime is what expires_in and renew_before ask for. In is zero for records
// that do not expire, or at a time of the configuration's own.
type lifetime struct{ in, renewBefore time.Duration }

func (s settings) lifetime() lifetime {
	return lifetime{in: s.ExpiresIn.Or(0), renewBefore: s.RenewBefore.Or(0)}
}

// from returns the expiry of a record that is written now.
func (l lifetime) from(now time.Time) time.Time {
	return now.Add(l.in).UTC().Truncate(time.Second)
}

// due tells whether a record that expires then is to be renewed.
func (l lifetime) due(expires, now time.Time) bool {
	return l.renewBefore > 0 && !expires.After(now.Add(l.renewBefore))
}

// fits tells whether an existing record's expiry can be one that this lifetime
// has given it, at an earlier apply or in another resource.
func (l lifetime) fits(expires *time.Time, now time.Time) bool {
	return l.in > 0 && expires != nil && expires.After(now) && !l.due(*expires, now) && !expires.After(l.from(now).Add(clockSkew))
}

// asFound returns the record that is wanted where there is one already: an
// expiry that fits stays, for it counts from the record's own creation.
func (w write) asFound(existing mde.Indicator) mde.Indicator {
	want := w.want
	if w.life.fits(existing.ExpirationTime, time.Now()) {
		want.ExpirationTime = existing.ExpirationTime
	}
	return want
}

// check refuses what cannot be meant, as far as it is new or changed.
func (l lifetime) check(prior lifetime) diag.Diagnostics {
	if l == prior || l.in == 0 || l.renewBefore < l.in {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("renew_before"), "Renewal without end",
		"renew_before ("+tfduration.Format(l.renewBefore)+") is not shorter than expires_in ("+tfduration.Format(l.in)+"), so that every apply would renew again. Make it shorter.")}
}

// planExpiry returns the planned expiration_time. Under expires_in it is known
// only once it is fixed.
func (m *model) planExpiry(configured types.String, prior *model, remembered memory, now time.Time) types.String {
	switch {
	case configured.IsUnknown(), configured.ValueString() != "":
		return configured
	case m.ExpiresIn.IsUnknown(), m.RenewBefore.IsUnknown():
		return types.StringUnknown()
	case m.lifetime().in == 0:
		return configured
	}
	return m.fixedExpiry(prior, remembered, now)
}

// fixedExpiry returns the expiry that an earlier apply has fixed, unknown when
// this one is to fix it.
func (m *model) fixedExpiry(prior *model, remembered memory, now time.Time) types.String {
	if prior == nil || prior.lifetime().in != m.lifetime().in {
		return types.StringUnknown()
	}
	expires := instant(prior.ExpirationTime)
	if remembered.Expires.After(now) {
		expires = &remembered.Expires // Whatever the portal has made of it.
	}
	switch {
	case expires == nil || m.lifetime().due(*expires, now):
		return types.StringUnknown()
	case sameInstant(expires, instant(prior.ExpirationTime)):
		return prior.ExpirationTime
	}
	return types.StringValue(expires.Format(time.RFC3339))
}

// fixExpiry fixes what the plan left open. The inputs are known by now.
func (m *model) fixExpiry(prior *model, remembered memory, now time.Time) {
	if m.ExpirationTime.IsUnknown() || m.hidesExpiry() {
		m.ExpirationTime = m.planExpiry(types.StringNull(), prior, remembered, now)
	}
	if m.ExpirationTime.IsUnknown() {
		m.ExpirationTime = types.StringValue(m.lifetime().from(now).Format(time.RFC3339))
	}
}

// hidesExpiry tells whether expiration_time is "" beside expires_in. Terraform
// wants it to stay so in plan and state, where null could give way to the time
// that expires_in has fixed: that one is in the private state alone.
func (m *model) hidesExpiry() bool {
	return isBlank(m.ExpirationTime) && m.lifetime().in > 0
}

// isBlank tells "" from null and unknown.
func isBlank(text types.String) bool { return text.Equal(types.StringValue("")) }

// showExpiry puts the remembered time in the place of a "".
func (m *model) showExpiry(remembered memory) {
	if m.hidesExpiry() && !remembered.Expires.IsZero() {
		m.ExpirationTime = types.StringValue(remembered.Expires.UTC().Format(time.RFC3339))
	}
}

// hideExpiry puts a "" back, but for a time that the next plan is to change: a
// renewal has to make a difference.
func (m *model) hideExpiry(shown types.String, remembered memory, now time.Time) {
	expires := instant(m.ExpirationTime)
	if isBlank(shown) && expires != nil && expires.Equal(remembered.Expires) && !m.lifetime().due(*expires, now) {
		m.ExpirationTime = shown
	}
}

// expiry is the moment to remember as the one that expires_in has fixed.
func (m *model) expiry() time.Time {
	if expires := instant(m.ExpirationTime); expires != nil && m.lifetime().in > 0 {
		return *expires
	}
	return time.Time{}
}
