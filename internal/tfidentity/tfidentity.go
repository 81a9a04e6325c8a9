// Package tfidentity is the part of a resource identity that all resources
// share: the tenant. It refuses to know what names the object within it.
package tfidentity

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

const tenantID = "tenant_id"

// Schema is an identity of the tenant and of the attribute name, which names
// the object within it.
func Schema(name, description string) identityschema.Schema {
	return identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			tenantID: identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The Entra tenant that holds the object; null when the access token does not tell.",
			},
			name: identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       description,
			},
		},
	}
}

// Write sets the identity. The tenant stays as it was while the client's token
// does not tell.
func Write(ctx context.Context, client *mde.Client, out *tfsdk.ResourceIdentity, name string, value types.String) diag.Diagnostics {
	if out == nil {
		return nil // Terraform is older than identities.
	}
	tenant, diags := tenantOf(ctx, out)
	if now := client.TenantID(); now != "" {
		tenant = types.StringValue(now)
	}
	diags.Append(out.SetAttribute(ctx, path.Root(tenantID), tenant)...)
	diags.Append(out.SetAttribute(ctx, path.Root(name), value)...)
	return diags
}

// Check refuses an object of another tenant than the client's, before any call
// on it. What either side does not know it does not judge.
func Check(ctx context.Context, client *mde.Client, known *tfsdk.ResourceIdentity, object string) diag.Diagnostics {
	tenant, diags := tenantOf(ctx, known)
	was := tenant.ValueString()
	if was == "" || client == nil {
		return diags
	}
	identity, err := client.SignIn(ctx)
	if err != nil {
		return diags // The call that needs the token says so.
	}
	now := identity.TenantID
	if now != "" && !strings.EqualFold(was, now) {
		diags.AddError(strings.ToUpper(object[:1])+object[1:]+" of another tenant", fmt.Sprintf("The %s belongs to the tenant %s, but the provider is signed in to %s. Check tenant_id of the provider configuration that the resource uses.", object, was, now))
	}
	return diags
}

func tenantOf(ctx context.Context, known *tfsdk.ResourceIdentity) (types.String, diag.Diagnostics) {
	tenant := types.StringNull()
	if known == nil || known.Raw.IsNull() {
		return tenant, nil
	}
	diags := known.GetAttribute(ctx, path.Root(tenantID), &tenant)
	return tenant, diags
}
