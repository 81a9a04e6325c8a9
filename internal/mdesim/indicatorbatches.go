package mdesim

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
)

// importResult is one item of the answer to an import.
type importResult struct {
	ID            *string `json:"id"`
	Indicator     string  `json:"indicator"`
	IsFailed      bool    `json:"isFailed"`
	FailureReason *string `json:"failureReason"`
}

func (s *Server) importIndicators(r *request) response {
	body, err := decodeBody[struct {
		Indicators []json.RawMessage `json:"Indicators"`
	}](r.body)
	if err != nil {
		return failed(err)
	}
	if err := checkBatch("Indicators", len(body.Indicators)); err != nil {
		return failed(err)
	}
	records := make([]Indicator, len(body.Indicators))
	for n, raw := range body.Indicators {
		if records[n], err = decodeIndicator(raw); err != nil {
			return failed(err)
		}
	}
	return odata(http.StatusOK, map[string]any{
		"@odata.context": r.metadata("Collection(microsoft.windowsDefenderATP.api.ImportIndicatorResult)"),
		"value":          s.tenant.importAll(records, r.caller),
	})
}

// importAll writes each record on its own; a refused one is named in its result.
func (t *tenant) importAll(records []Indicator, by caller) []importResult {
	now, leave := t.enter()
	defer leave()
	results := make([]importResult, len(records))
	for n, record := range records {
		saved, err := t.upsert(record, by, now)
		results[n] = importResult{ID: nullable(saved.ID), Indicator: record.IndicatorValue}
		if t.options.ImportsAsStored {
			results[n].Indicator = saved.IndicatorValue
		}
		var refusal *apiError
		if errors.As(err, &refusal) {
			results[n].IsFailed = true
			results[n].FailureReason = &refusal.message
		}
	}
	if t.options.ImportsAsStored {
		slices.Reverse(results)
	}
	return results
}

func (s *Server) batchDeleteIndicators(r *request) response {
	body, err := decodeBody[struct {
		IndicatorIDs []string `json:"IndicatorIds"`
	}](r.body)
	if err != nil {
		return failed(err)
	}
	if err := checkBatch("IndicatorIds", len(body.IndicatorIDs)); err != nil {
		return failed(err)
	}
	for _, id := range body.IndicatorIDs {
		if _, err := strconv.ParseUint(id, 10, 64); err != nil {
			return failed(badRequest("BadRequest", "The indicator id '%s' is not valid.", id))
		}
	}
	if err := s.tenant.deleteIndicators(body.IndicatorIDs, r.caller); err != nil {
		return failed(err)
	}
	return response{status: http.StatusNoContent}
}

// checkBatch refuses an empty batch and one that is too large.
func checkBatch(parameter string, size int) error {
	switch {
	case size == 0:
		return missing(parameter)
	case size > maxBatch:
		return badRequest("MaximumBatchSizeExceeded", "The batch holds %d items; the maximum is %d.", size, maxBatch)
	}
	return nil
}
