package indicator

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// identity is what names an indicator beyond this configuration.
type identity struct {
	TenantID types.String `tfsdk:"tenant_id"`
	ID       types.String `tfsdk:"id"`
}

// identify writes the identity. The tenant stays as it was while the token does
// not tell.
func (r *indicatorResource) identify(ctx context.Context, m *model, out *tfsdk.ResourceIdentity) diag.Diagnostics {
	if out == nil {
		return nil // Terraform is older than identities.
	}
	tenant, diags := tenantOf(ctx, out)
	if now := r.Client.TenantID(); now != "" {
		tenant = now
	}
	written := identity{TenantID: types.StringNull(), ID: m.ID}
	if tenant != "" {
		written.TenantID = types.StringValue(tenant)
	}
	diags.Append(out.Set(ctx, written)...)
	return diags
}

// checkTenant refuses an indicator of another tenant. The token tells its
// tenant only after the first call.
func (r *indicatorResource) checkTenant(ctx context.Context, known *tfsdk.ResourceIdentity) diag.Diagnostics {
	tenant, diags := tenantOf(ctx, known)
	if now := r.Client.TenantID(); tenant != "" && now != "" && !strings.EqualFold(tenant, now) {
		diags.AddError("Indicator of another tenant", fmt.Sprintf("The indicator belongs to the tenant %s, but the provider is signed in to %s. Check tenant_id of the provider.", tenant, now))
	}
	return diags
}

func tenantOf(ctx context.Context, known *tfsdk.ResourceIdentity) (string, diag.Diagnostics) {
	if known == nil || known.Raw.IsNull() {
		return "", nil
	}
	var i identity
	diags := known.Get(ctx, &i)
	return i.TenantID.ValueString(), diags
}
