package indicator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/mde-as-code/terraform-provider-mde/internal/iocfeed"
	"github.com/mde-as-code/terraform-provider-mde/internal/tfduration"
)

// readOverrides reads the object of settings, of whatever type it was written.
func readOverrides(given types.Dynamic) (iocfeed.Overrides, error) {
	var overrides iocfeed.Overrides
	attributes, err := attributesOf(given.UnderlyingValue())
	if err != nil {
		return overrides, err
	}
	readers := map[string]func(attr.Value) error{
		"indicator_type":      textInto(&overrides.IndicatorType),
		"action":              textInto(&overrides.Action),
		"title":               textInto(&overrides.Title),
		"description":         textInto(&overrides.Description),
		"severity":            textInto(&overrides.Severity),
		"application":         textInto(&overrides.Application),
		"expiration_time":     textInto(&overrides.ExpirationTime),
		"expires_in":          durationInto(&overrides.ExpiresIn),
		"renew_before":        durationInto(&overrides.RenewBefore),
		"recommended_actions": textInto(&overrides.RecommendedActions),
		"educate_url":         textInto(&overrides.EducateURL),
		"generate_alert":      boolInto(&overrides.GenerateAlert),
		"adopt_existing":      boolInto(&overrides.AdoptExisting),
		"rbac_group_names":    namesInto(&overrides.RBACGroupNames),
	}
	for _, name := range inOrder(attributes) {
		read, known := readers[name]
		if !known {
			return overrides, fmt.Errorf("%q is not a shared setting of mde_indicator_set; those are %s", name, strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
		}
		if value := attributes[name]; !isNull(value) {
			if err := read(value); err != nil {
				return overrides, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return overrides.Check()
}

// isNull sees a null through the dynamic type as well.
func isNull(value attr.Value) bool {
	if value == nil || value.IsNull() {
		return true
	}
	dynamic, ok := value.(types.Dynamic)
	return ok && dynamic.IsUnderlyingValueNull()
}

func attributesOf(value attr.Value) (map[string]attr.Value, error) {
	switch value := value.(type) {
	case nil:
		return nil, nil // Overrides that are null override nothing.
	case types.Object:
		return value.Attributes(), nil
	case types.Map:
		return value.Elements(), nil
	}
	return nil, errors.New("they are an object of settings, such as { action = \"Block\" }; {} overrides nothing")
}

func textInto(target **string) func(attr.Value) error {
	return func(value attr.Value) error {
		text, ok := value.(types.String)
		if !ok {
			return errors.New("it is a string")
		}
		*target = text.ValueStringPointer()
		return nil
	}
}

func durationInto(target **string) func(attr.Value) error {
	return func(value attr.Value) error {
		if err := textInto(target)(value); err != nil || **target == "" {
			return err
		}
		_, err := tfduration.Parse(**target)
		return err
	}
}

func boolInto(target **bool) func(attr.Value) error {
	return func(value attr.Value) error {
		truth, ok := value.(types.Bool)
		if !ok {
			return errors.New("it is true or false")
		}
		*target = truth.ValueBoolPointer()
		return nil
	}
}

func namesInto(target *[]string) func(attr.Value) error {
	return func(value attr.Value) error {
		list, ok := value.(interface{ Elements() []attr.Value }) // A set, a list or a tuple.
		if !ok {
			return errors.New("it is a set of names")
		}
		names := []string{}
		for _, element := range list.Elements() {
			name, ok := element.(types.String)
			if !ok || name.IsNull() {
				return errors.New("it is a set of names")
			}
			names = append(names, name.ValueString())
		}
		*target = names
		return nil
	}
}
