package indicator

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// encodeSet returns m as the framework holds it.
func encodeSet(t *testing.T, m *setModel) tfsdk.State {
	t.Helper()
	s := setSchema()
	state := tfsdk.State{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(t.Context()), nil)}
	if diags := state.Set(t.Context(), m); diags.HasError() {
		t.Fatal(diags)
	}
	return state
}

// TestSet_ofAnotherTenant has a set meet a provider that is signed in to
// another tenant: nothing is read or deleted there.
func TestSet_ofAnotherTenant(t *testing.T) {
	t.Parallel()
	const refused = "Indicator set of another tenant"
	r, sim := signedIn(t, tenant)
	set := &setResource{}
	set.Client = r.Client
	m := &setModel{settings: bare().settings, ID: text("0a"), Indicators: types.MapNull(types.StringType)}
	m.Timeouts = bare().Timeouts
	m.setNotes(map[string]types.String{"evil.example": text("")})
	state := encodeSet(t, m)
	other := identityOf(t, "99999999-2222-3333-4444-555555555555", "0a")

	read := &resource.ReadResponse{State: state, Identity: other}
	set.Read(t.Context(), resource.ReadRequest{State: state, Identity: other}, read)
	if got := summaries(read.Diagnostics); got != refused {
		t.Errorf("a refresh says %q", got)
	}
	plan := tfsdk.Plan(state)
	planned := &resource.ModifyPlanResponse{Plan: plan}
	set.ModifyPlan(t.Context(), resource.ModifyPlanRequest{Plan: plan, State: state, Config: tfsdk.Config(state), Identity: other}, planned)
	if got := summaries(planned.Diagnostics); got != refused {
		t.Errorf("a plan says %q", got)
	}
	deleted := &resource.DeleteResponse{State: state}
	set.Delete(t.Context(), resource.DeleteRequest{State: state, Identity: other}, deleted)
	if got := summaries(deleted.Diagnostics); got != refused {
		t.Errorf("a destroy says %q", got)
	}
	if n := sim.Count(); n != 0 {
		t.Errorf("%d calls were made to the other tenant", n)
	}
}
