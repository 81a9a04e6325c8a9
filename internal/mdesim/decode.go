package mdesim

import (
	"encoding/json"
	"reflect"
	"strings"
)

// decodeBody decodes a JSON object whose property names are case-sensitive: a
// name that the API does not know is refused.
func decodeBody[T any](data []byte) (T, error) {
	var into T
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(data, &properties); err != nil || properties == nil {
		return into, badRequest("InvalidRequestBody", "Request body is incorrect: it is not a JSON object.")
	}
	known := propertyNames(reflect.TypeFor[T]())
	for name := range properties {
		if !known[name] {
			return into, badRequest("InvalidRequestBody", "Request body is incorrect: the property '%s' does not exist.", name)
		}
	}
	if err := json.Unmarshal(data, &into); err != nil {
		return into, badRequest("InvalidRequestBody", "Request body is incorrect: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	return into, nil
}

// propertyNames are the JSON names of a struct's fields.
func propertyNames(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}

func missing(parameter string) *apiError {
	return badRequest("MissingRequiredParameter", "The required parameter '%s' is missing.", parameter)
}
