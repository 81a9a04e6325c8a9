package libraryfile

import (
	"context"
	"net/http"
	"strings"
	"testing"

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
func signedIn(t *testing.T, tenantID string) (*fileResource, *mdesim.Server) {
	t.Helper()
	sim, err := mdesim.Start(mdesim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	base := &http.Transport{}
	t.Cleanup(base.CloseIdleConnections)
	client, err := mde.New(mde.Options{Endpoint: sim.URL(), Tokens: token(sim.AccessToken()), Identity: func() mde.Identity { return mde.Identity{TenantID: tenantID} }, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	r := &fileResource{}
	r.Client = client
	return r, sim
}

func inline(name, content string) *model {
	text := types.StringValue
	return &model{ID: text(name), FileName: text(name), Content: text(content), SHA256: text(hash([]byte(content))), HasParameters: types.BoolValue(false)}
}

// encode returns m as the framework holds it, null if m is nil.
func encode(t *testing.T, m *model) tftypes.Value {
	t.Helper()
	ctx := context.Background()
	s := resourceSchema()
	state := tfsdk.State{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(ctx), nil)}
	if m == nil {
		return state.Raw
	}
	m.Timeouts = nullTimeouts()
	if diags := state.Set(ctx, m); diags.HasError() {
		t.Fatal(diags)
	}
	return state.Raw
}

func nullTimeouts() types.Object {
	attribute, ok := resourceSchema().Attributes["timeouts"].GetType().(types.ObjectType)
	if !ok {
		panic("timeouts is no object")
	}
	return types.ObjectNull(attribute.AttrTypes)
}

func identityOf(t *testing.T, tenantID, name string) *tfsdk.ResourceIdentity {
	t.Helper()
	ctx := context.Background()
	s := identitySchema()
	identity := &tfsdk.ResourceIdentity{Schema: s, Raw: tftypes.NewValue(s.Type().TerraformType(ctx), nil)}
	if name == "" {
		return identity
	}
	diags := identity.SetAttribute(ctx, path.Root("file_name"), name)
	if tenantID != "" {
		diags.Append(identity.SetAttribute(ctx, path.Root("tenant_id"), tenantID)...)
	}
	if diags.HasError() {
		t.Fatal(diags)
	}
	return identity
}

func create(t *testing.T, r *fileResource, plan *model) (*resource.CreateResponse, diag.Diagnostics) {
	t.Helper()
	req := resource.CreateRequest{Plan: tfsdk.Plan{Schema: resourceSchema(), Raw: encode(t, plan)}}
	resp := &resource.CreateResponse{State: tfsdk.State{Schema: resourceSchema(), Raw: encode(t, nil)}, Identity: identityOf(t, "", "")}
	r.Create(context.Background(), req, resp)
	return resp, resp.Diagnostics
}

func destroy(t *testing.T, r *fileResource, state *model) diag.Diagnostics {
	t.Helper()
	prior := tfsdk.State{Schema: resourceSchema(), Raw: encode(t, state)}
	resp := &resource.DeleteResponse{State: prior}
	r.Delete(context.Background(), resource.DeleteRequest{State: prior}, resp)
	return resp.Diagnostics
}

func TestCreate_contentChangedSinceThePlan(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	plan := inline("a.sh", "new")
	plan.SHA256 = types.StringValue(hash([]byte("old")))
	resp, diags := create(t, r, plan)
	if got := summaries(diags); got != "Content changed since the plan" || !resp.State.Raw.IsNull() {
		t.Errorf("got %q and state %v", got, resp.State.Raw)
	}
	if calls := sim.Journal(); len(calls) > 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// TestMove has a file leave one resource and enter another in one apply, in
// either order.
func TestMove(t *testing.T) {
	t.Parallel()
	for name, creationFirst := range map[string]bool{"creation first": true, "deletion first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, sim := signedIn(t, tenant)
			sim.SeedLibraryFile("a.sh", []byte("x"), nil)
			enter := func() {
				if _, diags := create(t, r, inline("a.sh", "x")); diags.HasError() {
					t.Error(diags)
				}
			}
			if creationFirst {
				enter()
			}
			if diags := destroy(t, r, inline("a.sh", "x")); diags.HasError() {
				t.Error(diags)
			}
			if !creationFirst {
				enter()
			}
			if files := sim.LibraryFiles(); len(files) != 1 {
				t.Errorf("the library holds %v", files)
			}
		})
	}
}

// TestMove_otherContent is refused until the other resource has given the name
// up, and the refusal blocks nothing.
func TestMove_otherContent(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	sim.SeedLibraryFile("a.sh", []byte("x"), nil)
	if _, diags := create(t, r, inline("a.sh", "y")); summaries(diags) != "Library file exists already" {
		t.Errorf("got %v", diags)
	}
	if diags := destroy(t, r, inline("a.sh", "x")); diags.HasError() {
		t.Error(diags)
	}
	if _, diags := create(t, r, inline("a.sh", "y")); len(diags) > 0 {
		t.Error(diags)
	}
}

// TestCreate_givenUpSinceItWasRead has the file vanish after the plan's look at
// the library.
func TestCreate_givenUpSinceItWasRead(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	sim.SeedLibraryFile("a.sh", []byte("x"), nil)
	if _, err := r.Client.LibraryFiles.List(context.Background()); err != nil {
		t.Fatal(err)
	}
	sim.RemoveLibraryFile("a.sh")
	if _, diags := create(t, r, inline("a.sh", "y")); len(diags) > 0 {
		t.Error(diags)
	}
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	r, sim := signedIn(t, tenant)
	sim.SeedLibraryFile("a.sh", []byte("x"), nil)
	override := inline("a.sh", "y")
	override.OverrideIfExists = types.BoolValue(true)
	for name, test := range map[string]struct {
		plan          *model
		summary, says string
	}{
		"free":      {inline("b.sh", "x"), "", ""},
		"equal":     {inline("a.sh", "x"), "Library file will be taken over", "equals the configuration"},
		"different": {inline("a.sh", "y"), "Library file exists already", "import {"},
		"override":  {override, "Library file will be replaced", hash([]byte("x"))},
		"case":      {inline("A.sh", "x"), "Library file with a similar name", `"a.sh"`},
	} {
		diags := r.announce(context.Background(), test.plan)
		if diags.HasError() || summaries(diags) != test.summary {
			t.Errorf("%s: got %v", name, diags)
		}
		for _, d := range diags {
			if !strings.Contains(d.Detail(), test.says) {
				t.Errorf("%s: %q lacks %q", name, d.Detail(), test.says)
			}
		}
	}
}

func TestImportState(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		id                     string
		identityTenant, signed string
		want                   string // the tenant of the identity after the read
		fails                  string
	}{
		"by id":                        {id: "a.sh", signed: tenant, want: tenant},
		"by identity":                  {identityTenant: tenant, signed: tenant, want: tenant},
		"by identity without tenant":   {signed: tenant, want: tenant},
		"token does not tell":          {id: "a.sh"},
		"neither tells":                {},
		"identity tells and token not": {identityTenant: tenant, want: tenant},
		"another tenant":               {identityTenant: "99999999-2222-3333-4444-555555555555", signed: tenant, fails: "Library file of another tenant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			r, sim := signedIn(t, test.signed)
			sim.SeedLibraryFile("a.sh", []byte("x"), nil)
			identity := identityOf(t, "", "")
			if test.id == "" {
				identity = identityOf(t, test.identityTenant, "a.sh")
			}
			imported := &resource.ImportStateResponse{State: tfsdk.State{Schema: resourceSchema(), Raw: encode(t, nil)}, Identity: identity}
			r.ImportState(ctx, resource.ImportStateRequest{ID: test.id, Identity: identity}, imported)
			if got := summaries(imported.Diagnostics); got != test.fails {
				t.Fatal(imported.Diagnostics)
			}
			if test.fails != "" {
				if calls := sim.Count(); calls > 0 {
					t.Errorf("%d calls were made", calls)
				}
				return
			}
			read := &resource.ReadResponse{State: imported.State, Identity: imported.Identity}
			r.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity}, read)
			if len(read.Diagnostics) > 0 {
				t.Fatal(read.Diagnostics)
			}
			var state model
			var got types.String
			diags := append(read.State.Get(ctx, &state), read.Identity.GetAttribute(ctx, path.Root("tenant_id"), &got)...)
			if diags.HasError() || state.SHA256.ValueString() != hash([]byte("x")) || got.ValueString() != test.want || got.IsNull() != (test.want == "") {
				t.Errorf("%v: state %+v, tenant %s", diags, state, got)
			}
			if calls := sim.Count(mdesim.OpListLibraryFiles); calls != 1 {
				t.Errorf("%d lists", calls)
			}
		})
	}
}
