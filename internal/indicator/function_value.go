package indicator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
	"github.com/mde-as-code/terraform-provider-mde/internal/mde"
)

// readValue tells the type of a value and its normal spelling, white space
// around it taken off.
func readValue(text string) (indicatorType, normal string, err error) {
	value := strings.TrimSpace(text)
	if value == "" {
		return "", "", errors.New("the value is empty")
	}
	if indicatorType = inferType(value); indicatorType == "" {
		return "", "", fmt.Errorf("%q has the form of no indicator: a hash has 32, 40 or 64 hexadecimal digits, a URL a scheme, a domain a dot, and an address stands alone", value)
	}
	if err := checkValue(indicatorType, value); err != nil {
		return "", "", err
	}
	return indicatorType, mde.NormalizeValue(indicatorType, value), nil
}

// textFunction is a function from one text to another.
type textFunction struct {
	name       string
	definition function.Definition
	run        func(text string) (string, error)
}

var _ function.Function = textFunction{}

// Metadata implements function.Function.
func (f textFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

// Definition implements function.Function.
func (f textFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

// Run implements function.Function.
func (f textFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	result, err := f.run(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, asSentence(err))
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// asSentence is an error as Terraform prints it after "Call to function failed:".
func asSentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func textDefinition(summary, description, parameter, parameterDescription string) function.Definition {
	return function.Definition{
		Summary:             summary,
		MarkdownDescription: description,
		Parameters:          []function.Parameter{function.StringParameter{Name: parameter, MarkdownDescription: parameterDescription}},
		Return:              function.StringReturn{},
	}
}

// NewTypeFunction is indicator_type.
func NewTypeFunction() function.Function {
	return textFunction{
		name: "indicator_type",
		definition: textDefinition("Type of an indicator's value",
			"Tells the `indicator_type` of a value by its form: by the number of hexadecimal digits of a hash, the form of an address, the `://` of a URL, the dot of a domain. "+
				"A thumbprint of a certificate looks like a SHA-1 hash of a file and is taken for one. A value that the service would refuse, such as a range of addresses or a wildcard, is an error.",
			"value", "The value, such as `203.0.113.7` or `evil.example`."),
		run: func(text string) (string, error) {
			indicatorType, _, err := readValue(text)
			return indicatorType, err
		},
	}
}

// NewNormalizeFunction is normalize_indicator.
func NewNormalizeFunction() function.Function {
	return textFunction{
		name: "normalize_indicator",
		definition: textDefinition("Normal spelling of an indicator's value",
			"Gives the spelling in which two values are the same exactly when the service takes them for the same: hashes, domains and the hosts of URLs in lower case, IPv6 addresses with all eight groups, no lone slash after a host, no white space around. "+
				"The type is inferred as `indicator_type` does it; a value that the service would refuse is an error.",
			"value", "The value, such as `EVIL.example` or `2001:db8::7`."),
		run: func(text string) (string, error) {
			_, normal, err := readValue(text)
			return normal, err
		},
	}
}

// NewRefangFunction is refang.
func NewRefangFunction() function.Function {
	return textFunction{
		name: "refang",
		definition: textDefinition("Plain spelling of defanged indicators",
			"Undoes the spellings that keep addresses in reports from being clicked on, anywhere in a text: `hxxps://evil[.]example` becomes `https://evil.example`. "+
				"It knows `hxxp`, `h**p`, `fxp` and their like; dots as `[.]`, `(.)`, `{.}`, `[dot]`, `(dot)` and `\\.`; `[:]`, `[://]`, `[/]`, `[@]` and `[at]`. Text without them stays as it is, so that a whole file can pass through it.",
			"text", "A value, a report or a whole file."),
		run: func(text string) (string, error) { return iocfeed.Refang(text), nil },
	}
}

// normalizeListFunction is normalize_indicators.
type normalizeListFunction struct{}

var _ function.Function = normalizeListFunction{}

// NewNormalizeListFunction is normalize_indicators.
func NewNormalizeListFunction() function.Function { return normalizeListFunction{} }

// Metadata implements function.Function.
func (normalizeListFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_indicators"
}

// Definition implements function.Function.
func (normalizeListFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Map of normalised values for an indicator set",
		MarkdownDescription: "Makes of a list of values the map that `indicators` of [`mde_indicator_set`](../resources/indicator_set.md) takes: each value in its normal spelling, as `normalize_indicator` gives it, with an empty note. " +
			"Values that mean the same become one. One call does thousands of values in the time that a `for` expression takes for a few. A value that the service would refuse is an error that names its place in the list.",
		Parameters: []function.Parameter{function.ListParameter{Name: "values", ElementType: types.StringType, MarkdownDescription: "The values, such as the lines of a file."}},
		Return:     function.MapReturn{ElementType: types.StringType},
	}
}

// Run implements function.Function.
func (normalizeListFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var values []types.String
	if resp.Error = req.Arguments.Get(ctx, &values); resp.Error != nil {
		return
	}
	notes := make(map[string]attr.Value, len(values))
	for i, value := range values {
		_, normal, err := readValue(value.ValueString())
		if err != nil {
			resp.Error = function.NewArgumentFuncError(0, fmt.Sprintf("Element %d: %v.", i, err))
			return
		}
		notes[normal] = types.StringValue("")
	}
	resp.Error = resp.Result.Set(ctx, types.MapValueMust(types.StringType, notes))
}
