package libraryfile

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
	"github.com/mde-as-code/terraform-provider-mde/internal/tffilter"
)

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// NewListResource lists mde_library_file.
func NewListResource() list.ListResource { return &listResource{} }

// listResource has its name, its client and the identity of what it lists from
// the resource.
type listResource struct{ fileResource }

// ListResourceConfigSchema implements list.ListResource.
func (l *listResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds files of the live-response library, for `terraform query` to write `import` blocks and configuration from: all of them or those that meet every one of the conditions. " +
			"The service does not give the content back, so that each file's configuration still needs its `source`.\n\n" +
			tfdiag.Needs(permissions()) + ".",
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
	files, err := l.Client.LibraryFiles.List(ctx)
	if err != nil {
		stream.Results = list.ListResultsStreamDiagnostics(diag.Diagnostics{tfdiag.Error(listing(), err)})
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		sent := int64(0)
		for _, file := range files {
			if !config.match(file) {
				continue
			}
			if !push(l.result(ctx, req, file)) {
				return
			}
			if sent++; sent == req.Limit {
				return
			}
		}
	}
}

// result is a file as terraform query shows it: its state is what an import
// begins and the read after it completes.
func (l *listResource) result(ctx context.Context, req list.ListRequest, file mde.LibraryFile) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = file.FileName
	result.Diagnostics.Append(l.identify(ctx, types.StringValue(file.FileName), result.Identity)...)
	if req.IncludeResource {
		var m model
		result.Diagnostics.Append(beginImport(ctx, result.Resource, types.StringValue(file.FileName))...)
		result.Diagnostics.Append(result.Resource.Get(ctx, &m)...)
		m.fromAPI(file)
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result
}
