package provider

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
)

func configure(t *testing.T, set map[string]tftypes.Value, deferral bool) provider.ConfigureResponse {
	t.Helper()
	p := &mdeProvider{version: "test", base: &http.Transport{}, getenv: environment(nil), lookPath: noPrograms}
	var resp provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{
		TerraformVersion:   "1.11.4",
		Config:             block(t, set),
		ClientCapabilities: provider.ConfigureProviderClientCapabilities{DeferralAllowed: deferral},
	}, &resp)
	return resp
}

func TestConfigure_handsTheClientToAll(t *testing.T) {
	t.Parallel()
	resp := configure(t, map[string]tftypes.Value{"access_token": text("token")}, true)
	if len(resp.Diagnostics) > 0 || resp.Deferred != nil {
		t.Fatalf("got %v, deferred %v", resp.Diagnostics, resp.Deferred)
	}
	for kind, data := range map[string]any{"resources": resp.ResourceData, "data sources": resp.DataSourceData, "ephemeral resources": resp.EphemeralResourceData} {
		if data, ok := data.(tfclient.Data); !ok || data.Client == nil || data.Pending {
			t.Errorf("%s get %T", kind, data)
		}
	}
}

func TestConfigure_waitsForUnknownValues(t *testing.T) {
	t.Parallel()
	for _, deferral := range []bool{true, false} {
		resp := configure(t, map[string]tftypes.Value{"tenant_id": text(tftypes.UnknownValue)}, deferral)
		if resp.Diagnostics.HasError() || (resp.Deferred != nil) != deferral {
			t.Errorf("got %v, deferred %v", resp.Diagnostics, resp.Deferred)
		}
		pending, ok := resp.ResourceData.(tfclient.Data)
		if !ok || !pending.Pending {
			t.Fatalf("resources get %T", resp.ResourceData)
		}
		_, err := pending.Client.Machines.Get(t.Context(), strings.Repeat("a", 40))
		if err == nil || !strings.Contains(err.Error(), "the provider is not configured yet: tenant_id will be known only after other resources are applied") {
			t.Errorf("a call gets %v", err)
		}
	}
}

func TestConfigure_warnsOfWhatHasNoEffect(t *testing.T) {
	t.Parallel()
	resp := configure(t, map[string]tftypes.Value{"access_token": text("token"), "client_secret": text("secret")}, false)
	if resp.Diagnostics.HasError() || resp.Diagnostics.WarningsCount() != 1 {
		t.Fatalf("got %v", resp.Diagnostics)
	}
	if detail := resp.Diagnostics[0].Detail(); !strings.Contains(detail, "signs in with a ready access token, so client_secret has no effect") {
		t.Errorf("got %q", detail)
	}
}
