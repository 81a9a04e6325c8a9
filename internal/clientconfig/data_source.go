// Package clientconfig shows who the provider is signed in as. It refuses to
// show any secret.
package clientconfig

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var _ datasource.DataSourceWithConfigure = &dataSource{}

// NewDataSource returns the data source mde_client_config.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct{ tfclient.ForDataSource }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_client_config"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	list := func(description string) schema.ListAttribute {
		return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Who the provider is signed in as, and what the access token permits: for checks that a configuration meets the right tenant with the right permissions. " +
			"What the token says is null, or empty, when the token cannot be read.\n\n" +
			"Needs no application permission: it signs in, and makes no call of the API.",
		Attributes: map[string]schema.Attribute{
			"tenant_id":      text("The Entra tenant that the token is for."),
			"client_id":      text("The application (client) id that the token was issued to."),
			"sign_in_method": text("The way to sign in that was chosen: `access_token`, `client_secret`, `client_certificate`, `oidc`, `managed_identity` or `azure_cli`."),
			"endpoint":       text("The base URL of the API."),
			"roles":          list("The application permissions that the token holds, sorted, such as `Ti.ReadWrite.All`."),
			"scopes":         list("The delegated permissions that the token holds, sorted, when it is that of a user."),
			"token_expiry":   text("When the token expires, as RFC 3339. The provider renews it before; each plan reads another one, so leave it out of outputs that are to stay as they are."),
		},
	}
}

type model struct {
	TenantID     types.String   `tfsdk:"tenant_id"`
	ClientID     types.String   `tfsdk:"client_id"`
	SignInMethod types.String   `tfsdk:"sign_in_method"`
	Endpoint     types.String   `tfsdk:"endpoint"`
	Roles        []types.String `tfsdk:"roles"`
	Scopes       []types.String `tfsdk:"scopes"`
	TokenExpiry  types.String   `tfsdk:"token_expiry"`
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	identity, err := d.Client.SignIn(ctx)
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(tfdiag.Operation{Verb: "read", Object: "client configuration"}, err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, fromIdentity(identity, d.Client.Endpoint()))...)
}

func fromIdentity(identity mde.Identity, endpoint string) *model {
	m := &model{
		TenantID:     text(identity.TenantID),
		ClientID:     text(identity.ClientID),
		SignInMethod: text(identity.Method),
		Endpoint:     text(endpoint),
		Roles:        texts(identity.Roles),
		Scopes:       texts(identity.Scopes),
	}
	if !identity.Expires.IsZero() {
		m.TokenExpiry = types.StringValue(identity.Expires.UTC().Format(time.RFC3339))
	}
	return m
}

// text is null for what is not known.
func text(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func texts(list []string) []types.String {
	out := make([]types.String, 0, len(list))
	for _, s := range slices.Sorted(slices.Values(list)) {
		out = append(out, types.StringValue(s))
	}
	return out
}
