// Which rows: each filter stands in the address as soon as it is entered.
import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { filterOf, OUTCOMES, type AuditFilter } from './view';
import classes from './Audit.module.css';

type Props = { filter: AuditFilter; onChange: (filter: AuditFilter) => void };

const TEXTS = [
  { name: 'q', label: 'Search', hint: 'any text' },
  { name: 'actor', label: 'Actor', hint: 'user:anna' },
  { name: 'action', label: 'Action', hint: 'token' },
  { name: 'target', label: 'Target', hint: 'name or id' },
] as const;

export function AuditFilters({ filter, onChange }: Props) {
  const set = (name: keyof AuditFilter, value: string) => {
    onChange(filterOf({ ...filter, [name]: value }));
  };
  return (
    <form
      className={classes.filters}
      role="search"
      aria-label="Audit log"
      onSubmit={event => {
        event.preventDefault();
      }}
    >
      {TEXTS.map(({ name, label, hint }) => (
        <TextFilter
          // What the address says anew replaces what was being typed.
          key={`${name} ${filter[name] ?? ''}`}
          label={label}
          hint={hint}
          value={filter[name] ?? ''}
          onEnter={value => {
            set(name, value);
          }}
        />
      ))}
      <Select
        label="Outcome"
        placeholder="any"
        data={OUTCOMES}
        clearable
        size="xs"
        value={filter.outcome ?? null}
        onChange={value => {
          set('outcome', value ?? '');
        }}
      />
      {Object.keys(filter).length > 0 && (
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            onChange({});
          }}
        >
          Show all
        </Button>
      )}
    </form>
  );
}

type TextFilterProps = { label: string; hint: string; value: string; onEnter: (value: string) => void };

/** Enters what is typed when the field is left or Enter is pressed: not each letter is a question. */
function TextFilter({ label, hint, value, onEnter }: TextFilterProps) {
  const [typed, setTyped] = useState(value);
  const enter = () => {
    if (typed.trim() !== value) onEnter(typed.trim());
  };
  return (
    <TextInput
      label={label}
      placeholder={hint}
      size="xs"
      value={typed}
      onChange={event => {
        setTyped(event.currentTarget.value);
      }}
      onBlur={enter}
      onKeyDown={event => {
        if (event.key === 'Enter') enter();
      }}
    />
  );
}
