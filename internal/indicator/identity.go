package indicator

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfidentity"
)

func (r *indicatorResource) identify(ctx context.Context, m *model, out *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Write(ctx, r.Client, out, "id", m.ID)
}

func (r *indicatorResource) checkTenant(ctx context.Context, known *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Check(ctx, r.Client, known, "indicator")
}

func setIdentitySchema() identityschema.Schema {
	return tfidentity.Schema("id", "The UUID of the set.")
}

func (r *setResource) identify(ctx context.Context, m *setModel, out *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Write(ctx, r.Client, out, "id", m.ID)
}

func (r *setResource) checkTenant(ctx context.Context, known *tfsdk.ResourceIdentity) diag.Diagnostics {
	return tfidentity.Check(ctx, r.Client, known, "indicator set")
}
