package libraryfile

import (
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfconv"
)

type model struct {
	ID                    types.String `tfsdk:"id"`
	Source                types.String `tfsdk:"source"`
	Content               types.String `tfsdk:"content"`
	ContentBase64         types.String `tfsdk:"content_base64"`
	FileName              types.String `tfsdk:"file_name"`
	Description           types.String `tfsdk:"description"`
	ParametersDescription types.String `tfsdk:"parameters_description"`
	HasParameters         types.Bool   `tfsdk:"has_parameters"`
	LineEndings           types.String `tfsdk:"line_endings"`
	OverrideIfExists      types.Bool   `tfsdk:"override_if_exists"`
	SHA256                types.String `tfsdk:"sha256"`
	// Unnamed tells that file_name is "", which means what null does and keeps
	// its spelling. FileName is the file's name all the same.
	Unnamed bool `tfsdk:"-"`
	// Timeouts is an object, and not a pointer to its model, because it may be
	// unknown while validating.
	Timeouts types.Object `tfsdk:"timeouts"`
}

// named is a model as it was planned or stored, whose id tells the name where
// file_name does not.
func (m *model) named() {
	if m.FileName.Equal(types.StringValue("")) {
		m.FileName, m.Unnamed = m.ID, true
	}
}

// spelled is the model as the configuration spells it.
func (m *model) spelled() *model {
	spelled := *m
	if m.Unnamed {
		spelled.FileName = types.StringValue("")
	}
	return &spelled
}

// stored is what the service keeps of a file. A change of anything else is no
// reason to call it.
type stored struct {
	fileName, sha256, description, parametersDescription string
	hasParameters                                        bool
}

func (m *model) stored() stored {
	return stored{
		fileName:              m.FileName.ValueString(),
		sha256:                m.SHA256.ValueString(),
		description:           m.Description.ValueString(),
		parametersDescription: m.ParametersDescription.ValueString(),
		hasParameters:         m.HasParameters.ValueBool(),
	}
}

func storedOf(file mde.LibraryFile) stored {
	return stored{
		fileName:              file.FileName,
		sha256:                strings.ToLower(file.SHA256),
		description:           file.Description,
		parametersDescription: file.ParametersDescription,
		hasParameters:         file.HasParameters,
	}
}

// toAPI returns the upload of a model whose values are all known. Whether it
// may override is the caller's to say.
func (m *model) toAPI(content []byte) mde.LibraryUpload {
	return mde.LibraryUpload{
		FileName:              m.FileName.ValueString(),
		Content:               content,
		Description:           m.Description.ValueString(),
		ParametersDescription: m.ParametersDescription.ValueString(),
		HasParameters:         m.HasParameters.ValueBool(),
	}
}

// fromAPI takes over what the service says. It keeps the configuration's
// spelling where that means the same: null or "" for empty, and the letter case
// of the name.
func (m *model) fromAPI(file mde.LibraryFile) {
	if !strings.EqualFold(m.FileName.ValueString(), file.FileName) {
		m.FileName = types.StringValue(file.FileName)
	}
	m.ID = m.FileName
	m.SHA256 = types.StringValue(strings.ToLower(file.SHA256))
	m.Description = tfconv.String(m.Description, file.Description)
	m.ParametersDescription = tfconv.String(m.ParametersDescription, file.ParametersDescription)
	m.HasParameters = types.BoolValue(file.HasParameters)
}

// defaultFileName is the file name where the configuration gives none.
func defaultFileName(source types.String) types.String {
	if source.IsNull() || source.IsUnknown() {
		return source
	}
	return types.StringValue(filepath.Base(source.ValueString()))
}

// defaultHasParameters is has_parameters where the configuration gives none.
func defaultHasParameters(description types.String) types.Bool {
	if description.IsUnknown() {
		return types.BoolUnknown()
	}
	return types.BoolValue(description.ValueString() != "")
}
