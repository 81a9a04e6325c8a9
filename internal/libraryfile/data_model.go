package libraryfile

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfconv"
	"github.com/mde-as-code/terraform-provider-mde/internal/tffilter"
)

// filters narrow a list of files; what is null does not narrow it. The service
// documents no filter of its own.
type filters struct {
	NamePrefix types.String `tfsdk:"name_prefix"`
	CreatedBy  types.String `tfsdk:"created_by"`
}

// arguments are those of whatever lists files: the data source and the list
// resource.
func arguments() []tffilter.Argument {
	text := []validator.String{stringvalidator.LengthAtLeast(1)}
	return []tffilter.Argument{
		{Name: "name_prefix", Description: "Only files whose name begins with this text, without regard to letter case.", Validators: text},
		{Name: "created_by", Description: "Only files that were created by exactly this application id or user principal name.", Validators: text},
	}
}

func (f filters) match(file mde.LibraryFile) bool {
	return strings.HasPrefix(strings.ToLower(file.FileName), strings.ToLower(f.NamePrefix.ValueString())) &&
		(f.CreatedBy.IsNull() || f.CreatedBy.ValueString() == file.CreatedBy)
}

// fileModel is a file as data sources show it, with the stamps of the service.
type fileModel struct {
	FileName              types.String `tfsdk:"file_name"`
	SHA256                types.String `tfsdk:"sha256"`
	Description           types.String `tfsdk:"description"`
	HasParameters         types.Bool   `tfsdk:"has_parameters"`
	ParametersDescription types.String `tfsdk:"parameters_description"`
	CreatedBy             types.String `tfsdk:"created_by"`
	CreationTime          types.String `tfsdk:"creation_time"`
	LastUpdatedTime       types.String `tfsdk:"last_updated_time"`
}

// newFileModel shows a file; what the service does not have is null.
func newFileModel(file mde.LibraryFile) fileModel {
	var none types.String
	return fileModel{
		FileName:              types.StringValue(file.FileName),
		SHA256:                types.StringValue(strings.ToLower(file.SHA256)),
		Description:           tfconv.String(none, file.Description),
		HasParameters:         types.BoolValue(file.HasParameters),
		ParametersDescription: tfconv.String(none, file.ParametersDescription),
		CreatedBy:             tfconv.String(none, file.CreatedBy),
		CreationTime:          tfconv.Instant(file.CreationTime),
		LastUpdatedTime:       tfconv.Instant(file.LastUpdatedTime),
	}
}

// fileAttributes are the attributes of a file, all of them computed.
func fileAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"file_name":              text("Name of the file in the library."),
		"sha256":                 text("SHA-256 of the content, as lower-case hex digits: what a `mde_live_response_run` can be pinned to."),
		"description":            text("What the file is for, null when nobody has said."),
		"has_parameters":         schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the script takes parameters."},
		"parameters_description": text("Which parameters the script takes, null when nobody has said."),
		"created_by":             text("Who created the file: the id of an application, or a user principal name."),
		"creation_time":          text("When the file was first uploaded, RFC 3339 in UTC."),
		"last_updated_time":      text("When the file was last uploaded, RFC 3339 in UTC."),
	}
}
