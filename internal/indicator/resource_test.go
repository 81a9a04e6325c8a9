package indicator

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/mdesim"
)

const tenant = "11111111-2222-3333-4444-555555555555"

type token string

func (t token) Token(context.Context) (string, error) { return string(t), nil }

func (t token) Reject(string) {}

// signedIn returns the resource, signed in to a tenant that has an id unless it
// is empty.
func signedIn(t *testing.T, tenantID string, options ...mdesim.Options) (*indicatorResource, *mdesim.Server) {
	t.Helper()
	sim, err := mdesim.Start(slices.Concat(options, []mdesim.Options{{}})[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	r := &indicatorResource{}
	r.Client = clientOf(t, sim, tenantID)
	return r, sim
}

func clientOf(t *testing.T, sim *mdesim.Server, tenantID string) *mde.Client {
	t.Helper()
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	client, err := mde.New(mde.Options{Endpoint: sim.URL(), Tokens: token(sim.AccessToken()), Identity: func() mde.Identity {
		return mde.Identity{Readable: true, TenantID: tenantID, ClientID: mdesim.DefaultClientID, Roles: []string{"Ti.ReadWrite.All"}}
	}, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// encode returns m as the framework holds it, null if m is nil.
func encode(t *testing.T, m *model) tfsdk.State {
	t.Helper()
	ctx := context.Background()
	s := resourceSchema()
	state := tfsdk.State{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(ctx), nil)}
	if m != nil {
		if diags := state.Set(ctx, m); diags.HasError() {
			t.Fatal(diags)
		}
	}
	return state
}

func identityOf(t *testing.T, tenantID, id string) *tfsdk.ResourceIdentity {
	t.Helper()
	ctx := context.Background()
	s := identitySchema()
	out := &tfsdk.ResourceIdentity{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(ctx), nil)}
	if id == "" {
		return out
	}
	diags := out.SetAttribute(ctx, path.Root("id"), id)
	if tenantID != "" {
		diags.Append(out.SetAttribute(ctx, path.Root("tenant_id"), tenantID)...)
	}
	if diags.HasError() {
		t.Fatal(diags)
	}
	return out
}

func summaries(diags diag.Diagnostics) string {
	var all []string
	for _, d := range diags {
		all = append(all, d.Summary())
	}
	return strings.Join(all, "; ")
}

// blocked is the configuration of a domain.
func blocked(id, description, application string) *model {
	m := bare()
	m.ID = text(id)
	m.IndicatorType, m.IndicatorValue = text("DomainName"), text("evil.example")
	m.Description, m.Application = text(description), text(application)
	return &m
}

// TestMove has a record leave one resource and enter another in one apply, in
// either order.
func TestMove(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		creationFirst            bool
		application, description string
	}{
		"creation first, as it is":     {true, "", "old"},
		"creation first, changed":      {true, "repo", "new"},
		"deletion first, as it is":     {false, "", "old"},
		"deletion first, all is other": {false, "", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, sim := signedIn(t, tenant)
			id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Title: "title", Description: "old", Severity: "High", Application: tc.application})[0]
			leaving, entering := blocked(id, "old", tc.application), blocked("", tc.description, tc.application)
			leave := func() {
				resp := &resource.DeleteResponse{State: encode(t, leaving)}
				if r.Delete(context.Background(), resource.DeleteRequest{State: resp.State}, resp); resp.Diagnostics.HasError() {
					t.Error(resp.Diagnostics)
				}
			}
			enter := func() {
				w := entering.write(nil, memory{})
				if out := r.occupy(context.Background(), w); out.diags.HasError() {
					t.Error(out.diags)
				}
			}
			checkMove(t, sim, tc.creationFirst, enter, leave, tc.description)
		})
	}
}

// TestMove_refusedUntilGivenUp has a refusal block nothing.
func TestMove_refusedUntilGivenUp(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r, sim := signedIn(t, tenant)
	id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Description: "old"})[0]
	entering := blocked("", "new", "").write(nil, memory{})
	if out := r.occupy(ctx, entering); summaries(out.diags) != "Indicator exists already" {
		t.Errorf("got %v", out.diags)
	}
	if diags := r.remove(ctx, blocked(id, "old", ""), memory{}); len(diags) > 0 {
		t.Error(diags)
	}
	if out := r.occupy(ctx, entering); len(out.diags) > 0 {
		t.Error(out.diags)
	}
}

// TestOccupy_givenUpSinceItWasRead has the record vanish after it was read.
func TestOccupy_givenUpSinceItWasRead(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r, sim := signedIn(t, tenant)
	id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Description: "old"})[0]
	if _, err := r.Client.Indicators.Find(ctx, "DomainName", "evil.example"); err != nil {
		t.Fatal(err)
	}
	sim.RemoveIndicator(id)
	if out := r.occupy(ctx, blocked("", "new", "").write(nil, memory{})); len(out.diags) > 0 {
		t.Error(out.diags)
	}
}

// TestOccupy_hidden has a list that lags hide what is there already: what the
// application has written itself, before an apply was killed, is its own.
func TestOccupy_hidden(t *testing.T) {
	t.Parallel()
	for by, want := range map[string]bool{mdesim.DefaultClientID: false, "analyst@contoso.com": true, "": true} {
		r, sim := signedIn(t, tenant, mdesim.Options{VisibilityLag: time.Minute})
		sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", CreatedBy: by, CreationTimeDateTimeUTC: sim.Now().Add(-20 * time.Second)})
		if out := r.occupy(context.Background(), blocked("", "new", "").write(nil, memory{})); out.diags.HasError() || out.takenOver != want {
			t.Errorf("a record of %q: taken over %t, want %t; %v", by, out.takenOver, want, out.diags)
		}
	}
}

func TestImportState_byIdentity(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ named, signed, want, fails string }{
		"same tenant":          {tenant, tenant, tenant, ""},
		"tenant not named":     {"", tenant, tenant, ""},
		"token does not tell":  {tenant, "", tenant, ""},
		"nobody tells":         {"", "", "", ""},
		"tenant in upper case": {strings.ToUpper(tenant), tenant, tenant, ""},
		"another tenant":       {"99999999-2222-3333-4444-555555555555", tenant, "", "Indicator of another tenant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, sim := signedIn(t, tc.signed)
			id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example"})[0]
			named := identityOf(t, tc.named, id)
			imported := &resource.ImportStateResponse{State: encode(t, nil), Identity: named}
			r.ImportState(context.Background(), resource.ImportStateRequest{Identity: named}, imported)
			if imported.Diagnostics.HasError() {
				t.Fatal(imported.Diagnostics)
			}
			resp := &resource.ReadResponse{State: imported.State, Identity: imported.Identity}
			r.Read(context.Background(), resource.ReadRequest{State: imported.State, Identity: imported.Identity}, resp)
			if got := summaries(resp.Diagnostics); got != tc.fails {
				t.Fatalf("diagnostics %q, want %q", got, tc.fails)
			}
			if tc.fails != "" {
				return
			}
			var gotTenant, gotID types.String
			var m model
			resp.Diagnostics.Append(resp.Identity.GetAttribute(context.Background(), path.Root("tenant_id"), &gotTenant)...)
			resp.Diagnostics.Append(resp.Identity.GetAttribute(context.Background(), path.Root("id"), &gotID)...)
			resp.Diagnostics.Append(resp.State.Get(context.Background(), &m)...)
			if gotTenant.ValueString() != tc.want || gotID.ValueString() != id || m.IndicatorValue.ValueString() != "evil.example" {
				t.Errorf("identity %s of %s and state %+v", gotID, gotTenant, m)
			}
		})
	}
}

// A record that another resource holds is not deleted, and no guardrail counts it.
func TestSpare(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example"})[0]
	state, remembered := blocked(id, "d", ""), memory{WrittenAt: time.Now()}
	saved := saving{}
	if diags := r.spare(t.Context(), saved, state, &remembered); len(diags) > 0 || len(state.gives(remembered)) != 1 {
		t.Errorf("%v, spared %t", diags, remembered.Spared)
	}
	_, given := r.Client.Indicators.Hold(t.Context(), "", mde.Holding{Keeps: []string{id}})
	if !given[id] {
		t.Error("who keeps the record does not learn that it is given up")
	}
	if diags := r.spare(t.Context(), saved, state, &remembered); summaries(diags) != "Indicators of another resource" || !strings.Contains(string(saved[memoryKey]), "spared") {
		t.Errorf("%v, saved %s", diags, saved)
	}
	if gives := state.gives(remembered); len(gives) > 0 {
		t.Errorf("it gives up %v", gives)
	}
	if diags := r.remove(t.Context(), state, remembered); len(diags) > 0 || len(sim.Indicators()) != 1 {
		t.Errorf("%v, the tenant holds %v", diags, sim.Indicators())
	}
}

// saving is a private state.
type saving map[string][]byte

// SetKey implements privateWriter.
func (s saving) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	s[key] = value
	return nil
}

// checkMove has a record leave one resource and enter another, and finds one with
// the description of the other.
func checkMove(t *testing.T, sim *mdesim.Server, creationFirst bool, enter, leave func(), description string) {
	t.Helper()
	if creationFirst {
		enter()
		leave()
	} else {
		leave()
		enter()
	}
	if records := sim.Indicators(); len(records) != 1 || records[0].Description != description {
		t.Errorf("the tenant holds %+v", records)
	}
}

func TestPreflight_places(t *testing.T) {
	t.Parallel()
	for free, want := range map[int]string{501: "", 500: "Few places left", 1: "Few places left", 0: "Not enough places", -3: "Not enough places"} {
		if got := summaries(places(1, free)); got != want {
			t.Errorf("%d free places: warnings %q, want %q", free, got, want)
		}
	}
	r, sim := signedIn(t, tenant)
	crowd(sim, 14_600)
	if _, err := r.Client.Indicators.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := summaries(r.preflight(t.Context(), blocked("", "d", ""), nil, memory{})); got != "Few places left" {
		t.Errorf("14,600 records: warnings %q", got)
	}
}

// crowd seeds so many records of others.
func crowd(sim *mdesim.Server, count int) {
	records := make([]mdesim.Indicator, count)
	for i := range records {
		records[i] = mdesim.Indicator{IndicatorValue: fmt.Sprintf("host-%d.example", i)}
	}
	sim.SeedIndicators(records...)
}

// TestPreflight_swap has one indicator change its action in a full tenant: the
// plan tells of the gap, and does not read 15,000 records for it.
func TestPreflight_swap(t *testing.T) {
	t.Parallel()
	for seeded, want := range map[int]string{14_999: "No place for a change of action", 14_998: ""} {
		r, sim := signedIn(t, tenant)
		crowd(sim, seeded)
		id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example"})[0]
		prior, plan := blocked(id, "d", ""), blocked(id, "d", "")
		plan.Action = text("Audit")
		if got := summaries(r.preflight(t.Context(), plan, prior, memory{})); !strings.HasPrefix(got, want) || want == "" && strings.Contains(got, "No place") {
			t.Errorf("%d records: warnings %q, want %q", seeded, got, want)
		}
		for _, call := range sim.Journal() {
			if !strings.Contains(call.Query, "indicatorValue") && !strings.Contains(call.Query, "top=1&") && !strings.HasSuffix(call.Query, "top=1") {
				t.Errorf("the plan read GET %s?%s", call.Path, call.Query)
			}
		}
	}
}

func TestPreflight_replacement(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	id := sim.SeedIndicators(mdesim.Indicator{IndicatorValue: "evil.example", Application: "old"}, mdesim.Indicator{IndicatorValue: "evil.example", Action: "Warn"})[0]
	prior, plan := blocked(id, "d", "old"), blocked("", "d", "new")
	if got := summaries(r.preflight(context.Background(), plan, prior, memory{})); got != "Another action exists for this value" {
		t.Errorf("warnings %q: what is replaced is not in the way, what is beside it is", got)
	}
}
