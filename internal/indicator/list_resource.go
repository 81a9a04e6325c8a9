package indicator

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tffilter"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// NewListResource lists mde_indicator.
func NewListResource() list.ListResource { return &listResource{} }

// listResource has its name, its client and the identity of what it lists from
// the resource.
type listResource struct{ indicatorResource }

// ListResourceConfigSchema implements list.ListResource.
func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds indicators that the tenant holds, for `terraform query` to write `import` blocks and configuration from: all of them or those that meet every one of the conditions. " +
			"Expired records are not among them, nor are those of a type that `mde_indicator` cannot manage, such as `" + typeWebCategory + "`.\n\n" +
			tfdiag.Needs(permissions()) + "; with the second the service shows this application's own records only.",
		Attributes: tffilter.ListResource(arguments()),
	}
}

// List implements list.ListResource.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config filters
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		sent := int64(0)
		for record, err := range l.Client.Indicators.List(ctx, config.odata()) {
			if err != nil {
				push(list.ListResult{Diagnostics: diag.Diagnostics{tfdiag.Error(listing(), err)}})
				return
			}
			if !config.match(record) || !slices.Contains(indicatorTypes(), record.IndicatorType) {
				continue
			}
			if !push(l.result(ctx, req, record)) {
				return
			}
			if sent++; sent == req.Limit {
				return
			}
		}
	}
}

// result is a record as terraform query shows it: its state is what an import
// begins and the read after it completes.
func (l *listResource) result(ctx context.Context, req list.ListRequest, record mde.Indicator) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = fmt.Sprintf("%s %s (%s): %s", record.IndicatorType, record.IndicatorValue, record.Action, record.Title)
	m := model{ID: types.StringValue(record.ID)}
	result.Diagnostics.Append(l.identify(ctx, &m, result.Identity)...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), m.ID)...)
		result.Diagnostics.Append(result.Resource.Get(ctx, &m)...)
		m.fromAPI(record)
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result
}
