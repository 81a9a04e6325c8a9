package iocfeed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// byteOrderMark is what spreadsheets begin a file in UTF-8 with.
const byteOrderMark = "\ufeff"

// csvDialect has the names of the portal's sample file.
func csvDialect() dialect {
	return dialect{row: "row", column: "column", columns: map[string]string{
		"indicator_type":      "IndicatorType",
		"action":              "Action",
		"title":               "Title",
		"severity":            "Severity",
		"expiration_time":     "ExpirationTime",
		"recommended_actions": "RecommendedActions",
		"rbac_group_names":    "RbacGroups",
		"generate_alert":      "GenerateAlert",
	}}
}

// csvColumn is where the text of a column goes.
type csvColumn func(e *entry) *string

// csvColumns are the columns of the portal by their folded names. Nil is known
// and has no counterpart in an indicator of the API's documented fields.
func csvColumns() map[string]csvColumn {
	groups := func(e *entry) *string { return &e.rbacGroups }
	return map[string]csvColumn{
		"indicatortype":      func(e *entry) *string { return &e.indicatorType },
		"indicatorvalue":     func(e *entry) *string { return &e.value },
		"expirationtime":     func(e *entry) *string { return &e.expirationTime },
		"action":             func(e *entry) *string { return &e.action },
		"severity":           func(e *entry) *string { return &e.severity },
		"title":              func(e *entry) *string { return &e.title },
		"description":        func(e *entry) *string { return &e.description },
		"recommendedactions": func(e *entry) *string { return &e.recommendedActions },
		"rbacgroups":         groups,
		"rbacgroupnames":     groups,
		"category":           nil,
		"mitretechniques":    nil,
		"generatealert":      func(e *entry) *string { return &e.generateAlert },
	}
}

// CSV reads the format of the portal's import, with its header.
func CSV(text string, overrides Overrides, rules Rules) (Result, error) {
	reader := newRowReader(strings.TrimPrefix(text, byteOrderMark))
	header, err := reader.readFilled()
	if errors.Is(err, io.EOF) {
		return Result{}, errors.New("the text is empty: it begins with a header, such as IndicatorType,IndicatorValue,ExpirationTime,Action,Severity,Title,Description")
	}
	if err != nil {
		return Result{}, err
	}
	columns, skipped, err := readHeader(header, reader.row, overrides)
	if err != nil {
		return Result{}, err
	}
	var entries []entry
	for {
		fields, err := reader.readFilled()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Result{}, err
		}
		e := entry{row: reader.row}
		if len(fields) != len(header) {
			return Result{}, fmt.Errorf("row %d, column %s: the row has %d fields, the header %d; a text that holds a comma is put in quotation marks", e.row, lastOf(header, len(fields)), len(fields), len(header))
		}
		for i, column := range columns {
			if column != nil {
				*column(&e) = strings.TrimSpace(fields[i])
			}
		}
		entries = append(entries, e)
	}
	return sorter{csvDialect(), overrides, rules}.sort(entries, skipped)
}

// lastOf names the column in which a row of that many fields ends.
func lastOf(header []string, fields int) string {
	return strings.TrimSpace(header[min(fields, len(header))-1])
}

// readHeader finds the columns. One that is not known is said to be skipped.
func readHeader(header []string, row int, overrides Overrides) ([]csvColumn, []Skip, error) {
	known := csvColumns()
	columns := make([]csvColumn, len(header))
	var skipped []Skip
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		column, ok := known[folded(name)]
		switch {
		case name == "":
			continue
		case !ok:
			skipped = append(skipped, Skip{Row: row, Reason: fmt.Sprintf("the column %q is not one of the portal's import format, and is not read", name)})
			continue
		case seen[folded(name)]:
			return nil, nil, fmt.Errorf("row %d, column %s: the header has it twice", row, name)
		}
		seen[folded(name)] = true
		columns[i] = column
	}
	for _, required := range []struct {
		name       string
		overridden bool
	}{{"IndicatorValue", false}, {"Action", overrides.Action != nil}, {"Title", overrides.Title != nil}} {
		if !seen[folded(required.name)] && !required.overridden {
			return nil, nil, fmt.Errorf("row %d: the header has no column %s; the portal's are IndicatorType, IndicatorValue, ExpirationTime, Action, Severity, Title, Description, RecommendedActions, RbacGroups, Category, MitreTechniques and GenerateAlert", row, required.name)
		}
	}
	return columns, skipped, nil
}

// splitNames reads the list in a cell of device groups.
func splitNames(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, ",")
}

// rowReader reads records and counts rows as a spreadsheet does: a line break
// within quotation marks begins no row, an empty line is one.
type rowReader struct {
	csv *csv.Reader
	row int
	// line is where the row ended.
	line int
}

func newRowReader(text string) *rowReader {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // Some spreadsheets of macOS end lines so.
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = separator(text)
	reader.FieldsPerRecord = -1
	return &rowReader{csv: reader}
}

// separator is the comma, or what spreadsheets write in its place where the
// comma is the decimal mark. The first line that has anything in it tells.
func separator(text string) rune {
	marks := []rune{',', ';', '\t'}
	for line := range strings.Lines(text) {
		if strings.Trim(line, string(marks)+" \r\n") == "" {
			continue
		}
		for _, mark := range marks {
			if strings.ContainsRune(line, mark) {
				return mark
			}
		}
		break
	}
	return ','
}

// readFilled reads the next row that has anything in it. Spreadsheets leave a
// row of separators behind where one was cleared.
func (r *rowReader) readFilled() ([]string, error) {
	for {
		fields, err := r.read()
		if err != nil || slices.ContainsFunc(fields, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			return fields, err
		}
	}
}

func (r *rowReader) read() ([]string, error) {
	fields, err := r.csv.Read()
	var malformed *csv.ParseError
	if errors.As(err, &malformed) {
		return nil, fmt.Errorf("row %d (line %d, column %d of the text): %w", r.row+malformed.StartLine-r.line, malformed.Line, malformed.Column, malformed.Err)
	}
	if err != nil {
		return nil, err
	}
	first, _ := r.csv.FieldPos(0)
	last, _ := r.csv.FieldPos(len(fields) - 1)
	r.row += first - r.line
	r.line = last + strings.Count(fields[len(fields)-1], "\n")
	return fields, nil
}
