package libraryfile

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/mde-as-code/terraform-provider-mde/internal/tfclient"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfdiag"
)

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource returns the data source mde_library_file.
func NewDataSource() datasource.DataSource { return &dataSource{} }

type dataSource struct{ tfclient.ForDataSource }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_library_file"
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := fileAttributes()
	attributes["file_name"] = schema.StringAttribute{
		Required:            true,
		Validators:          []validator.String{stringvalidator.RegexMatches(namePattern(), "must be made of "+nameRule)},
		MarkdownDescription: "Name of the file in the library. One that differs by letter case alone is found too, if there is none of exactly this name.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A file of the live-response library: its hash, who uploaded it and when. The service does not give its content back.\n\n" +
			tfdiag.Needs(permissions()) + ".",
		Attributes: attributes,
	}
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config fileModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	file, err := d.Client.LibraryFiles.Get(ctx, config.FileName.ValueString())
	if err != nil {
		resp.Diagnostics.Append(tfdiag.Error(operation("read", config.FileName.ValueString()), err))
		return
	}
	data := newFileModel(file)
	data.FileName = config.FileName // Terraform wants its own spelling back.
	resp.Diagnostics.Append(resp.State.Set(ctx, &data)...)
}
