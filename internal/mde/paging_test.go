package mde

import (
	"errors"
	"strings"
	"testing"
)

func TestPage_decode(t *testing.T) {
	t.Parallel()
	const text = `{"@odata.context":"x","more":{"value":[1]},"value":[{"id":"1"}, {"id":"2"}],"@odata.nextLink":"https://h/x"}`
	var whole page[indicatorAnswer]
	if err := decode(reply(200, "application/json", text), &whole); err != nil || len(whole.Value) != 2 || whole.Value[1].ID != "2" || whole.NextLink != "https://h/x" {
		t.Errorf("%+v, %v", whole, err)
	}
	for i := 1; i < len(text); i++ {
		if err := decode(reply(200, "application/json", text[:i]), new(page[indicatorAnswer])); !errors.Is(err, errCut) {
			t.Errorf("%s: %v, want that it is cut", text[:i], err)
		}
	}
	for text, want := range map[string]string{
		``: "empty", `{}`: "no list", `null`: "no list", `[]`: "no list", `{"value":{}}`: "no list", `{"Value":[{}]}`: "", `{"value":null}`: "",
		`{"value":[{"id":{"a":1},"title":7}]}`: "cannot be read", `{"value":[<html>`: "proxy in between",
	} {
		err := decode(reply(200, "application/json", text), new(page[indicatorAnswer]))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
