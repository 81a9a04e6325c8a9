package libraryfile

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ValidateConfig finds what is wrong whatever the local files and the library
// hold. Terraform calls it again while planning, once more values are known.
func (r *fileResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, p := range config.check() {
		resp.Diagnostics.Append(p.diagnostic())
	}
}

// check returns all that is wrong with a configuration, as far as it is known.
func (m *model) check() []*problem {
	problems := []*problem{m.checkInputs(), m.checkName(), m.checkInline(), m.checkParameters()}
	return slices.DeleteFunc(problems, func(p *problem) bool { return p == nil })
}

// checkInputs finds content that is given twice or not at all.
func (m *model) checkInputs() *problem {
	inputs := []struct {
		attribute string
		value     types.String
	}{{"source", m.Source}, {"content", m.Content}, {"content_base64", m.ContentBase64}}
	var set []string
	unknown, empty := false, false
	for _, input := range inputs {
		switch {
		case input.value.IsUnknown():
			unknown = true
		case input.value.ValueString() != "":
			set = append(set, input.attribute)
		case !input.value.IsNull():
			empty = true // As good as null, beside another; what it lacks is told otherwise.
		}
	}
	switch {
	case len(set) > 1:
		return &problem{set[1], "Content given twice", fmt.Sprintf("%s and %s are both set. Exactly one of source, content and content_base64 must be.", set[0], set[1])}
	case len(set) == 0 && !unknown && !empty:
		return &problem{"source", "Content missing", "Exactly one of source, content and content_base64 must be set."}
	}
	return nil
}

// checkName finds a name that is missing, or one that the library would not
// take because the base name of source is none. The schema checks a file_name
// that is given.
func (m *model) checkName() *problem {
	if m.FileName.IsUnknown() || m.FileName.ValueString() != "" || m.Source.IsUnknown() {
		return nil
	}
	if m.Source.ValueString() == "" {
		if m.Content.IsNull() && m.ContentBase64.IsNull() {
			return nil
		}
		return &problem{"file_name", "File name missing", "file_name is required with content and content_base64, which have no name of their own."}
	}
	if name := defaultFileName(m.Source).ValueString(); !validName(name) {
		return &problem{"source", "Invalid file name", fmt.Sprintf("The base name of source, %q, is no valid name of a library file: a name is made of %s. Rename the file, or set file_name.", name, nameRule)}
	}
	return nil
}

// checkInline finds content in the configuration itself that cannot be
// uploaded.
func (m *model) checkInline() *problem {
	if !m.contentKnown() || m.contentAttribute() == "source" {
		return nil
	}
	_, p := m.load()
	return p
}

func (m *model) checkParameters() *problem {
	if m.HasParameters.IsNull() || m.HasParameters.IsUnknown() || m.HasParameters.ValueBool() || m.ParametersDescription.ValueString() == "" {
		return nil
	}
	return &problem{"has_parameters", "Parameters described and denied", "has_parameters is false although parameters_description is set. Leave has_parameters out, or remove the description."}
}
