// A sentence of the server's, with what it puts between backticks set as code.
import { Fragment } from 'react';

const CODE = /`([^`]+)`/;

export function Marked({ text }: { text: string }) {
  // Splitting by a group keeps what the group matched: every other part is code.
  return text
    .split(CODE)
    .map((part, index) =>
      index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>,
    );
}
