// Package tffilter declares the arguments by which lists are narrowed: a data
// source and a list resource of the same objects take the same ones, in schemas
// of different types. It refuses to know what an argument means.
package tffilter

import (
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	list "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// Argument is an optional text.
type Argument struct {
	Name, Description string
	Validators        []validator.String
}

// DataSource adds the arguments to the attributes of a data source.
func DataSource(attributes map[string]datasource.Attribute, arguments []Argument) map[string]datasource.Attribute {
	for _, a := range arguments {
		attributes[a.Name] = datasource.StringAttribute{Optional: true, MarkdownDescription: a.Description, Validators: a.Validators}
	}
	return attributes
}

// ListResource returns the arguments as the attributes of a list resource.
func ListResource(arguments []Argument) map[string]list.Attribute {
	attributes := make(map[string]list.Attribute, len(arguments))
	for _, a := range arguments {
		attributes[a.Name] = list.StringAttribute{Optional: true, MarkdownDescription: a.Description, Validators: a.Validators}
	}
	return attributes
}
